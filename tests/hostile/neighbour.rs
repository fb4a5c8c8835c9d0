//! The healthy app next door, and one steady visitor of it, who notes how long each answer takes.
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::time::sleep;

const PAUSE: Duration = Duration::from_millis(2);
/// Some visitors come with a new connection.
const REQUESTS_PER_CONNECTION: usize = 20;
const PATIENCE: Duration = Duration::from_secs(20);

/// A thread of its own and blocking calls: the attackers' tasks do not slow what it measures.
pub struct Neighbour {
    times: Arc<Mutex<Vec<Duration>>>,
    away: Arc<AtomicBool>,
    gone: Arc<AtomicBool>,
}

/// What the neighbour's visitor sees from now on.
pub struct Window<'a> {
    neighbour: &'a Neighbour,
    begin: usize,
}

impl Neighbour {
    pub fn settle(port: u16) -> Self {
        let neighbour = Self { times: Arc::default(), away: Arc::default(), gone: Arc::default() };
        let (times, away, gone) = (neighbour.times.clone(), neighbour.away.clone(), neighbour.gone.clone());
        std::thread::spawn(move || {
            while !gone.load(Relaxed) {
                let stop = || away.load(Relaxed) || gone.load(Relaxed);
                match if stop() { Ok(()) } else { visit(port, &times, &stop) } {
                    Err(error) if !stop() => {
                        println!("the neighbour's visitor: {error}");
                        times.lock().expect("nobody panics here").push(PATIENCE);
                        std::thread::sleep(PAUSE * 100);
                    }
                    _ => std::thread::sleep(PAUSE),
                }
            }
        });
        neighbour
    }

    pub fn window(&self) -> Window<'_> {
        Window { neighbour: self, begin: self.len() }
    }

    /// Waits for as many more answers.
    pub async fn answers(&self, count: usize) {
        let window = self.window();
        while window.len() < count {
            sleep(PAUSE).await;
        }
    }

    /// While the platform is down, there is nothing to measure.
    pub fn leave(&self) {
        self.away.store(true, Relaxed);
    }
    pub fn come_back(&self) {
        self.away.store(false, Relaxed);
    }

    fn len(&self) -> usize {
        self.times.lock().expect("nobody panics here").len()
    }
}

impl Window<'_> {
    pub fn len(&self) -> usize {
        self.neighbour.len() - self.begin
    }
    pub fn times(&self) -> Vec<Duration> {
        self.neighbour.times.lock().expect("nobody panics here")[self.begin..].to_vec()
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.gone.store(true, Relaxed);
    }
}

/// One connection's worth of requests. An answer that is wrong counts as none.
fn visit(port: u16, times: &Mutex<Vec<Duration>>, enough: &dyn Fn() -> bool) -> std::io::Result<()> {
    let mut began = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    for _ in 0..REQUESTS_PER_CONNECTION {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: neighbour.localhost\r\n\r\n")?;
        read_answer(&mut stream)?;
        times.lock().expect("nobody panics here").push(began.elapsed());
        if enough() {
            break;
        }
        std::thread::sleep(PAUSE);
        began = Instant::now();
    }
    Ok(())
}

fn read_answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let (mut answer, mut buffer) = (String::new(), [0; 4096]);
    // With its length, or in chunks: however the router sent it.
    while (!answer.ends_with("WebAssembly\n") || answer.contains("chunked")) && !answer.ends_with("\r\n0\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::Error::other(format!("broke off: {answer}"))),
            read => answer += &String::from_utf8_lossy(&buffer[..read]),
        }
        if !answer.starts_with("HTTP/1.1 200 OK\r\n") {
            return Err(std::io::Error::other(answer));
        }
    }
    Ok(())
}

/// The value that `percent` of the values do not exceed.
pub fn percentile(values: &mut [Duration], percent: usize) -> Duration {
    values.sort_unstable();
    values[(values.len() * percent).div_ceil(100).max(1) - 1]
}
