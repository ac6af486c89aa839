//! A small HTTP/1.1 client with keep-alive: what a load generator needs and no more, so that the cores are left to the server.

use std::{
    io::{Error, ErrorKind, Read, Result, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

/// Longer than the longest wait that the portal itself allows.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection; it holds the last answer as it came.
pub(super) struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
    filled: usize,
}

/// An answer, taken apart. The body is still compressed, if it was.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

impl Connection {
    pub(super) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            bytes: vec![0; 32 * 1024],
            filled: 0,
        })
    }

    fn more(&mut self) -> Result<()> {
        if self.filled == self.bytes.len() {
            self.bytes.resize(2 * self.filled, 0);
        }
        match self.stream.read(&mut self.bytes[self.filled..])? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            n => {
                self.filled += n;
                Ok(())
            }
        }
    }

    fn until(&mut self, length: usize) -> Result<()> {
        while self.filled < length {
            self.more()?;
        }
        Ok(())
    }

    /// Asks and reads the whole answer. Gives the status, and the places of the pieces of the body.
    fn receive(&mut self, request: &[u8]) -> Result<(u16, usize, Vec<(usize, usize)>)> {
        self.filled = 0;
        self.stream.write_all(request)?;
        let head = loop {
            self.more()?;
            if let Some(end) = find(&self.bytes[..self.filled], b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = str::from_utf8(&self.bytes[..head]).map_err(|_| wrong("head"))?;
        let status = text.get(9..12).and_then(|s| s.parse().ok());
        let status = status.ok_or_else(|| wrong("status"))?;
        let mut length = 0;
        let mut chunked = false;
        for (name, value) in text.split("\r\n").filter_map(|l| l.split_once(": ")) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().map_err(|_| wrong("length"))?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = true;
            }
        }
        if !chunked {
            self.until(head + length)?;
            return Ok((status, head, vec![(head, head + length)]));
        }
        let mut pieces = Vec::new();
        let mut at = head;
        loop {
            let line = loop {
                match find(&self.bytes[at..self.filled], b"\r\n") {
                    Some(end) => break end,
                    None => self.more()?,
                }
            };
            let size = str::from_utf8(&self.bytes[at..at + line]).map_err(|_| wrong("chunk"))?;
            let size = usize::from_str_radix(size, 16).map_err(|_| wrong("chunk"))?;
            let begin = at + line + 2;
            at = begin + size + 2;
            self.until(at)?;
            if size == 0 {
                return Ok((status, head, pieces));
            }
            pieces.push((begin, begin + size));
        }
    }

    /// Asks, and takes only the status.
    pub(super) fn status(&mut self, request: &[u8]) -> Result<u16> {
        Ok(self.receive(request)?.0)
    }

    /// Asks, and takes everything.
    pub(super) fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        let (status, head, pieces) = self.receive(request)?;
        let text = String::from_utf8_lossy(&self.bytes[..head]);
        let lines = text.split("\r\n").filter_map(|l| l.split_once(": "));
        Ok(Answer {
            status,
            headers: lines.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            body: pieces
                .iter()
                .flat_map(|(from, to)| &self.bytes[*from..*to])
                .copied()
                .collect(),
        })
    }
}

/// What a browser sends along with every request for a page.
const BROWSER: &str = "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\naccept-language: de,en-US;q=0.7,en;q=0.3\r\n";

fn cookie_line(cookie: &str) -> String {
    match cookie {
        "" => String::new(),
        _ => format!("cookie: {cookie}\r\n"),
    }
}

/// A GET, as a browser sends it (`compressed`) or as one sends it that takes only plain bytes.
pub(super) fn get(path: &str, cookie: &str, compressed: bool) -> Vec<u8> {
    let encodings = if compressed {
        "accept-encoding: gzip, deflate, br, zstd\r\n"
    } else {
        ""
    };
    let cookie = cookie_line(cookie);
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{BROWSER}{encodings}{cookie}\r\n").into_bytes()
}

/// A form, as a browser sends it.
pub(super) fn post(
    path: &str,
    origin: &str,
    cookie: &str,
    compressed: bool,
    form: &[(&str, &str)],
) -> Vec<u8> {
    let form: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let form = form.join("&");
    let head = String::from_utf8_lossy(&get(path, cookie, compressed)).into_owned();
    let head = head.replacen("GET", "POST", 1);
    let head = head.trim_end();
    let length = form.len();
    format!("{head}\r\norigin: {origin}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}")
        .into_bytes()
}

/// The same from a script of a page: who asks for HTML is sent back to a page by a server function.
pub(super) fn by_script(request: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let html = text.lines().find(|l| l.starts_with("accept: ")).unwrap_or("");
    text.replacen(html, "accept: */*", 1).into_bytes()
}

fn encoded(value: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    value.bytes().map(one).collect()
}
