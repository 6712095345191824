//! As much HTTP/1.1 as the pusher and the proxy need: one request for each connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Headers in the order in which they were sent.
pub type Headers = Vec<(String, String)>;

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET` and so on.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All but those of the connection.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

/// One whole response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// 200 and so on.
    pub status: u16,
    /// All but those of the connection.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Sends it over a connection of its own.
    ///
    /// # Errors
    ///
    /// Those of the connection, and an answer that is no HTTP.
    pub fn send(&self, to: SocketAddr) -> io::Result<Response> {
        let mut stream = TcpStream::connect(to)?;
        let kept = without(
            &self.headers,
            &["host", "connection", "content-length", "transfer-encoding"],
        );
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n{}content-length: {}\r\n\r\n",
            self.method,
            self.target,
            lines(&kept),
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        Response::read(&mut BufReader::new(stream), &self.method)
    }

    /// Reads one from a connection; `None` when it was closed before.
    ///
    /// # Errors
    ///
    /// Those of the connection, and a request that is no HTTP.
    pub fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some((first, headers)) = head(from)? else {
            return Ok(None);
        };
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::Error::other(format!("not a request line: {first}")));
        };
        let length = value(&headers, "content-length").and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        from.read_exact(&mut body)?;
        Ok(Some(Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body,
        }))
    }
}

impl Response {
    /// An answer with a body and its media type.
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.into(),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// Replaces a header.
    pub fn set(&mut self, name: &str, new: &str) {
        self.headers = without(&self.headers, &[name]);
        self.headers.push((name.to_owned(), new.to_owned()));
    }

    /// Writes the head, with the length that it is to announce.
    ///
    /// # Errors
    ///
    /// Those of the connection.
    pub fn write_head(&self, to: &mut impl Write, length: u64) -> io::Result<()> {
        let kept = without(
            &self.headers,
            &["connection", "content-length", "transfer-encoding"],
        );
        let head = format!(
            "HTTP/1.1 {} x\r\nconnection: close\r\n{}content-length: {length}\r\n\r\n",
            self.status,
            lines(&kept)
        );
        to.write_all(head.as_bytes())
    }

    /// Reads one; a body without length ends with the connection.
    fn read(from: &mut impl BufRead, method: &str) -> io::Result<Self> {
        let (first, headers) = head(from)?.ok_or_else(|| io::Error::other("no answer"))?;
        let status = first.split(' ').nth(1).and_then(|text| text.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::other(format!("not a status line: {first}")))?;
        let mut body = Vec::new();
        if method == "HEAD" {
            // The announced length is that of a body that is not sent.
        } else if value(&headers, "transfer-encoding").is_some() {
            read_chunks(from, &mut body)?;
        } else if let Some(length) = value(&headers, "content-length") {
            let length = length.parse().map_err(io::Error::other)?;
            from.take(length).read_to_end(&mut body)?;
        } else {
            from.read_to_end(&mut body)?;
        }
        Ok(Self {
            status,
            headers,
            body,
        })
    }
}

/// The first line and the headers; `None` when the connection was closed before.
fn head(from: &mut impl BufRead) -> io::Result<Option<(String, Headers)>> {
    let mut first = String::new();
    if from.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut headers = Headers::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Ok(Some((first.trim_end().to_owned(), headers)));
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// The value of a header, whose name is written in lower case.
fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// All headers but these.
fn without(headers: &Headers, names: &[&str]) -> Headers {
    let dropped = |name: &str| {
        names
            .iter()
            .any(|dropped| dropped.eq_ignore_ascii_case(name))
    };
    headers
        .iter()
        .filter(|(name, _)| !dropped(name))
        .cloned()
        .collect()
}

/// Headers as they are sent.
fn lines(headers: &Headers) -> String {
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    lines.concat()
}

/// RFC 9112 section 7.1.
fn read_chunks(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut size = String::new();
        from.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        from.take(size).read_to_end(body)?;
        let mut end = String::new();
        from.read_line(&mut end)?;
        if size == 0 {
            return Ok(());
        }
    }
}
