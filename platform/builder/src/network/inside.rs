//! What of us runs inside of a sandbox: it opens the way to the proxy and becomes the job's own program, or carries bytes for git.
use super::{PORT, handed};
use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    os::{fd::AsFd, unix::process::CommandExt},
    path::Path,
    process::{Command, ExitCode, Stdio},
    thread,
};

/// The name under which we open the way: `paas-build-enter PROGRAM ARGUMENT…`.
pub const ENTER: &str = "paas-build-enter";
/// The name under which we are git's `GIT_PROXY_COMMAND`: `paas-build-tunnel HOST PORT`.
pub const TUNNEL: &str = "paas-build-tunnel";

/// Runs what the program's own name asks for; `None` if that is neither.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter();
    let name = arguments.next()?;
    let done = match Path::new(&name).file_name().and_then(OsStr::to_str) {
        Some(ENTER) => enter(&arguments.collect::<Vec<_>>()),
        Some(TUNNEL) => tunnel(&arguments.collect::<Vec<_>>()),
        _ => return None,
    };
    Some(done.map_or_else(
        |error| {
            eprintln!(" !     The way to the package registries could not be opened: {error}");
            ExitCode::from(125)
        },
        |()| ExitCode::SUCCESS,
    ))
}

/// Our standard input is the socket to the platform; the program gets none.
fn enter(program: &[OsString]) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))?;
    handed::hand(io::stdin(), &listener)?;
    drop(listener);
    let (name, arguments) = program.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Err(Command::new(name).args(arguments).stdin(Stdio::null()).exec())
}

/// Standard input and output become a connection through the proxy.
fn tunnel(to: &[OsString]) -> io::Result<()> {
    let [host, port] = to else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut proxy = TcpStream::connect((Ipv4Addr::LOCALHOST, PORT))?;
    let to = format!("{}:{}", host.display(), port.display());
    write!(proxy, "CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n")?;
    let head = head(&mut proxy)?;
    if head.split(|byte| *byte == b' ').nth(1) != Some(b"200") {
        return Err(io::Error::other(format!("{to} is not reached from a build")));
    }
    let mut up = proxy.try_clone()?;
    thread::spawn(move || {
        let sent = carry(&mut io::stdin(), &mut up).and_then(|()| up.shutdown(Shutdown::Write));
        sent.map_err(|error| eprintln!("sending: {error}"))
    });
    // Not std's own standard output, which waits for the end of a line.
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    carry(&mut proxy, &mut output)
}

/// Passes on what there is as soon as it is there: the two sides talk in turns.
fn carry(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => to.write_all(&buffer[..length])?,
        }
    }
}

/// The head of an answer, up to its empty line.
fn head(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        from.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}
