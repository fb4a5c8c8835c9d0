//! The hook's side: what the program does when git starts it as a hook. No runtime, no logging: git waits for it.
use super::{Hook, MAX_QUESTION_BYTES, PUSH, Question, Reply, SOCKET};
use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    process::ExitCode,
};

/// Asks the running platform about the push that git announces on stdin, prints what it says, and exits with its verdict.
/// `hook` is the name git started the program under: `pre-receive` or `post-receive`.
pub fn hook_main(hook: &str) -> ExitCode {
    match converse(hook) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Were stderr closed, nobody would be left to tell.
            writeln!(io::stderr(), " !     The platform stopped while it looked at this push ({error}). Push again in a moment.").ok();
            ExitCode::FAILURE
        }
    }
}

fn converse(hook: &str) -> io::Result<bool> {
    let question = question(hook)?;
    let socket = env::var_os(SOCKET).ok_or_else(|| io::Error::other("no socket is named"))?;
    let mut stream = UnixStream::connect(socket)?;
    let mut text = serde_json::to_string(&question)?;
    text.push('\n');
    stream.write_all(text.as_bytes())?;
    for reply in BufReader::new(stream).lines() {
        match serde_json::from_str(&reply?)? {
            Reply::Line(text) => print(&text)?,
            Reply::Verdict(accepted) => return Ok(accepted),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn print(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

fn question(hook: &str) -> io::Result<Question> {
    let hook = match hook {
        "pre-receive" => Hook::PreReceive,
        "post-receive" => Hook::PostReceive,
        other => return Err(io::Error::other(format!("{other:?} is no hook of ours"))),
    };
    let push = env::var(PUSH).ok().and_then(|id| id.parse().ok()).ok_or_else(|| io::Error::other("no push is named"))?;
    Ok(Question { push, hook, updates: updates()?, quarantine: env::var_os("GIT_QUARANTINE_PATH").map(Into::into), options: options() })
}

fn updates() -> io::Result<Vec<String>> {
    let mut text = String::new();
    io::stdin().lock().take(MAX_QUESTION_BYTES).read_to_string(&mut text)?;
    if text.len() as u64 == MAX_QUESTION_BYTES {
        return Err(io::Error::other("it has too many refs; push fewer at a time"));
    }
    Ok(text.lines().map(String::from).collect())
}

/// The values of `git push -o`, as git hands them to hooks.
fn options() -> Vec<String> {
    let count = env::var("GIT_PUSH_OPTION_COUNT").ok().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    (0..count).filter_map(|index| env::var(format!("GIT_PUSH_OPTION_{index}")).ok()).collect()
}
