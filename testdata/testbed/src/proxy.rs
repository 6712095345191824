//! A proxy that lies: it stands before a real registry and follows a script.

use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::http::{Request, Response};
use crate::registry::Registry;

/// What the proxy does with one request.
pub enum Answer {
    /// What the registry says.
    Honest,
    /// What the registry says, changed.
    Changed(Box<dyn FnOnce(&mut Response) + Send>),
    /// Something else.
    Instead(Response),
    /// A head that announces so many bytes, and zeros without end.
    Flood {
        /// Bytes.
        announced: u64,
    },
    /// Nothing, and the connection is closed.
    HangUp,
    /// Nothing, until the proxy ends.
    Silence,
}

/// The script: what to do with each request.
type Script = dyn Fn(&Request) -> Answer + Send + Sync;

/// A running proxy, which ends with this value.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    registry: SocketAddr,
    script: Box<Script>,
    seen: Mutex<Vec<String>>,
    flooded: AtomicU64,
    over: AtomicBool,
    ended: Mutex<bool>,
    end: Condvar,
}

impl Proxy {
    /// Starts a proxy before a registry.
    pub fn start(
        registry: &Registry,
        script: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            registry: registry.address(),
            script: Box::new(script),
            seen: Mutex::default(),
            flooded: AtomicU64::new(0),
            over: AtomicBool::new(false),
            ended: Mutex::new(false),
            end: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.over.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&accepting);
                // A client that goes away in the middle is part of the game.
                thread::spawn(move || shared.serve(stream).ok());
            }
        });
        Self { address, shared }
    }

    /// Where it listens: also its name in references.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, as `METHOD target`.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Bytes of floods that were taken from us.
    pub fn flooded(&self) -> u64 {
        self.shared.flooded.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        *self.shared.ended.lock().unwrap() = true;
        self.shared.end.notify_all();
        let _ = TcpStream::connect(self.address); // wakes the accepting thread
        if thread::panicking() {
            eprintln!("seen by the proxy:\n{}", self.seen().join("\n"));
        }
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let Some(request) = Request::read(&mut BufReader::new(stream.try_clone()?))? else {
            return Ok(());
        };
        let line = format!("{} {}", request.method, request.target);
        self.seen.lock().unwrap().push(line);
        match (self.script)(&request) {
            Answer::Honest => reply(&mut stream, &request.send(self.registry)?),
            Answer::Changed(change) => {
                let mut response = request.send(self.registry)?;
                change(&mut response);
                reply(&mut stream, &response)
            }
            Answer::Instead(response) => reply(&mut stream, &response),
            Answer::Flood { announced } => self.flood(&mut stream, announced),
            Answer::HangUp => Ok(()),
            Answer::Silence => {
                let ended = self.ended.lock().unwrap();
                drop(self.end.wait_while(ended, |ended| !*ended).unwrap());
                Ok(())
            }
        }
    }

    /// Sends zeros until the client has had enough.
    fn flood(&self, stream: &mut TcpStream, announced: u64) -> std::io::Result<()> {
        let head = Response::new(200, "application/octet-stream", []);
        head.write_head(stream, announced)?;
        let zeros = vec![0; 64 * 1024];
        let mut left = announced;
        while left > 0 && !self.over.load(Ordering::SeqCst) {
            stream.write_all(&zeros)?;
            let size = zeros.len().try_into().unwrap();
            self.flooded.fetch_add(size, Ordering::SeqCst);
            left = left.saturating_sub(size);
        }
        Ok(())
    }
}

/// Sends a whole response with its own length.
fn reply(stream: &mut TcpStream, response: &Response) -> std::io::Result<()> {
    let length = response.body.len().try_into().unwrap();
    response.write_head(stream, length)?;
    stream.write_all(&response.body)
}
