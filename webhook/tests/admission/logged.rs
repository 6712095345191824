//! What the process would write to standard error: every test of this binary writes to one buffer.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use sovverify_webhook::log::{LogLevel, subscriber};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything logged since somebody asked for the first time. Ask once before what is to be heard.
pub(crate) fn logged() -> String {
    static BUFFER: OnceLock<Buffer> = OnceLock::new();
    let buffer = BUFFER.get_or_init(|| {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogLevel::Trace, move || writer.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        buffer
    });
    String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
}

/// The lines that hold `mark`.
pub(crate) fn logged_about(mark: &str) -> Vec<String> {
    let text = logged();
    let about = text.lines().filter(|line| line.contains(mark));
    about.map(str::to_owned).collect()
}
