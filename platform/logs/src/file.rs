//! Each app's lines in a file of its own, written by one thread, so that a restart loses none.
use paas_model::{AppId, log::Line};
use std::{
    collections::{HashMap, hash_map::Entry},
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender, TryRecvError, TrySendError},
    },
    thread,
    time::Duration,
};

/// A file that grew past this becomes `….log.1`, in the place of the one before it.
const ROTATE_BYTES: u64 = 4 << 20;
/// Lines on their way to a file; more than these are only kept in memory.
const QUEUE_LINES: usize = 65_536;
/// Lines are gathered for so long: one write for each file, and a writer of lines need not wake this thread for each of them.
const GATHER: Duration = Duration::from_millis(50);
/// Thousands of apps must not hold thousands of files open.
const OPEN_FILES: usize = 1_024;

pub struct Writer {
    dir: PathBuf,
    queue: SyncSender<Job>,
}

enum Job {
    Append(AppId, Arc<Line>),
    Forget(AppId),
    Flush(SyncSender<()>),
}

impl Writer {
    pub fn start(dir: &Path) -> io::Result<Self> {
        // What apps print is for their owner's eyes only.
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let (queue, jobs) = mpsc::sync_channel(QUEUE_LINES);
        let files = Files { dir: dir.into(), open: HashMap::new(), unwritten: Vec::new() };
        thread::Builder::new().name("log-writer".into()).spawn(move || files.run(&jobs))?;
        Ok(Self { dir: dir.into(), queue })
    }

    /// Never waits: with a disk that slow, the line stays in memory only.
    pub fn append(&self, app: AppId, line: Arc<Line>) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Job::Append(app, line)) {
            tracing::warn!(app.id = %app, "log file lags behind; a line was kept in memory only");
        }
    }

    pub fn forget(&self, app: AppId) {
        self.queue.send(Job::Forget(app)).ok(); // fails only after the thread's end, at exit
    }

    pub fn flush(&self) {
        let (done, wait) = mpsc::sync_channel(1);
        if self.queue.send(Job::Flush(done)).is_ok() {
            wait.recv().ok(); // the thread answers, or has ended with nothing left to write
        }
    }

    /// The last `count` lines that lie in the app's files; what cannot be read is left out.
    pub fn tail(&self, app: AppId, count: usize) -> Vec<Arc<Line>> {
        let mut lines = Vec::new();
        for path in [current(&self.dir, app), rotated(&self.dir, app)] {
            let Ok(bytes) = fs::read(path) else { continue };
            let parsed = bytes.rsplit(|byte| *byte == b'\n').filter_map(|text| serde_json::from_slice(text).ok());
            lines.extend(parsed.take(count - lines.len()).map(Arc::new));
            if lines.len() == count {
                break;
            }
        }
        lines.reverse();
        lines
    }
}

fn current(dir: &Path, app: AppId) -> PathBuf {
    dir.join(format!("{app}.log"))
}
fn rotated(dir: &Path, app: AppId) -> PathBuf {
    dir.join(format!("{app}.log.1"))
}

/// The writing thread's side.
struct Files {
    dir: PathBuf,
    open: HashMap<AppId, Open>,
    /// Those that hold lines back.
    unwritten: Vec<AppId>,
}

struct Open {
    file: BufWriter<File>,
    bytes: u64,
}

impl Files {
    /// Works until the last [`Writer`] is gone.
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Some(job) = self.next(jobs) {
            let done = match job {
                Job::Append(app, line) => self.append(app, &line),
                Job::Forget(app) => self.forget(app),
                Job::Flush(done) => self.flush().map(|()| done.send(()).unwrap_or_default()),
            };
            self.report(done);
        }
        let done = self.flush();
        self.report(done);
    }

    /// The next job; what was gathered is written whenever there is nothing else to do.
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        let done = self.flush();
        self.report(done);
        let job = jobs.recv().ok()?;
        if matches!(job, Job::Append(..)) {
            thread::sleep(GATHER);
        }
        Some(job)
    }

    fn report(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            tracing::error!(%error, "a log file could not be written");
            self.open.clear(); // reopened with the next line
            self.unwritten.clear();
        }
    }

    fn append(&mut self, app: AppId, line: &Line) -> io::Result<()> {
        let path = current(&self.dir, app);
        if let Entry::Vacant(place) = self.open.entry(app) {
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            let bytes = file.metadata()?.len();
            place.insert(Open { file: BufWriter::new(file), bytes });
        }
        let Some(open) = self.open.get_mut(&app) else { return Ok(()) };
        if open.file.buffer().is_empty() {
            self.unwritten.push(app);
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        open.file.write_all(&text)?;
        open.bytes += text.len() as u64;
        if open.bytes > ROTATE_BYTES {
            open.file.flush()?;
            self.open.remove(&app);
            fs::rename(path, rotated(&self.dir, app))?;
        }
        Ok(())
    }

    fn forget(&mut self, app: AppId) -> io::Result<()> {
        self.open.remove(&app);
        for path in [current(&self.dir, app), rotated(&self.dir, app)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        for app in std::mem::take(&mut self.unwritten) {
            if let Some(open) = self.open.get_mut(&app) {
                open.file.flush()?;
            }
        }
        if self.open.len() > OPEN_FILES {
            self.open.clear();
        }
        Ok(())
    }
}
