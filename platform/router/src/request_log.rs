//! One line in the app's log for each request, written when the last byte is sent, or when the visitor leaves.
use crate::{
    connection::Exchange,
    gate::Pass,
    headers::Identity,
    idle::{Idle, IdleTooLong},
    length::WrongLength,
    sizes::TooLarge,
    upload::Stopped,
};
use bytes::Bytes;
use chrono::Utc;
use http::{Method, StatusCode, Version};
use http_body::{Body as HttpBody, Frame, SizeHint};
use paas_logs::Logs;
use paas_metrics::{Instance, Meter, Observation};
use paas_model::{
    AppId, Code, ReleaseVersion,
    log::{Line, Sink, Source},
};
use paas_runtime::{Body, BoxError, Usage};
use std::{
    borrow::Cow,
    fmt::Write,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// What is known of a request; logs and counts itself when dropped, so that no way out is forgotten.
pub struct Record {
    pub logs: Logs,
    pub app: AppId,
    pub method: Method,
    pub path: String,
    pub host: String,
    pub identity: Identity,
    pub peer: IpAddr,
    /// `None`: the app has no code yet.
    pub release: Option<ReleaseVersion>,
    pub meter: Option<Arc<Meter>>,
    pub began: Instant,
    pub cold: bool,
    /// `None`: the app was not asked.
    pub usage: Option<Usage>,
    /// `None` until the answer's head is there: dropped before that, the visitor has left.
    pub status: Option<StatusCode>,
    pub code: Option<Code>,
    pub bytes: u64,
    pub stopped: Stopped,
    pub exchange: Exchange,
}

impl Record {
    /// Why the visitor has no whole answer. What the visitor caused counts before what the app made of it.
    fn code(&self) -> Option<Code> {
        let known = self.stopped.code().or(self.code).or(self.status.is_none().then_some(Code::H27));
        let stalled = known == Some(Code::H27) && self.exchange.connection.is_stalled();
        if stalled { Some(Code::H28) } else { known }
    }

    fn observation(&self) -> Observation {
        let code = self.code();
        // A visitor who left is told nothing any more, whatever the app had answered.
        let ours = code.map(Code::status).filter(|status| *status == Code::H27.status());
        let instance = self.usage.as_ref().filter(|usage| !usage.instantiate().is_zero());
        Observation {
            status: ours.or(self.status.map(|status| status.as_u16())).unwrap_or_default(),
            code,
            service: self.began.elapsed(),
            instance: instance.map(|usage| Instance { instantiate: usage.instantiate(), cpu: usage.cpu(), memory_bytes: usage.memory_bytes() }),
            cold: self.cold,
        }
    }

    fn text(&self, seen: &Observation) -> String {
        let mut text = String::with_capacity(512);
        match seen.code {
            None => text.push_str("at=info"),
            Some(code) => {
                let level = if code.is_the_visitors() { "warning" } else { "error" };
                push(&mut text, format_args!("at={level} code={code} desc=\"{}\"", code.description()));
            }
        }
        let Self { method, identity, peer, bytes, .. } = self;
        let fields =
            [" method=", method.as_str(), " path=\"", &quoted(&self.path), "\" host=", &plain(&self.host), " request_id=", &identity.request_id];
        fields.into_iter().for_each(|field| text.push_str(field));
        push(&mut text, format_args!(" fwd=\"{peer}\""));
        let (service, status) = (seen.service.as_millis(), seen.status);
        push(&mut text, format_args!(" dyno=web.1 connect=0ms service={service}ms status={status} bytes={bytes} protocol=http"));
        self.cost(&mut text, seen);
        push(&mut text, format_args!(" trace_id={}", identity.trace));
        text
    }

    /// What is not known is empty, so that each line has the same fields.
    fn cost(&self, text: &mut String, seen: &Observation) {
        match self.release {
            Some(release) => push(text, format_args!(" release={release} cold={}", u8::from(seen.cold))),
            None => text.push_str(" release= cold="),
        }
        match &seen.instance {
            Some(Instance { instantiate, cpu, memory_bytes }) => {
                // In whole numbers, which are written without the search for the shortest fraction.
                let (cpu_us, memory) = ((cpu.as_nanos() as u64 + 500) / 1_000, (memory_bytes + 50_000) / 100_000);
                push(text, format_args!(" instantiate={}us", instantiate.as_micros()));
                push(text, format_args!(" cpu={}.{:03}ms mem={}.{}MB", cpu_us / 1_000, cpu_us % 1_000, memory / 10, memory % 10));
            }
            None => text.push_str(" instantiate= cpu= mem="),
        }
    }
}

impl Record {
    /// Says why an answer was broken off, or not begun.
    pub fn answer_is_too_large(&self) {
        let text = "The answer is larger than the app's limit. `paas limits` shows it, `paas limits:set response=…` changes it.";
        self.write(text.into());
    }

    fn write(&self, text: String) {
        self.logs.write(self.app, Line { at: Utc::now(), source: Source::Paas, process: "router".into(), text });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let seen = self.observation();
        self.exchange.abandoned = self.status.is_none();
        if let Some(meter) = &self.meter {
            meter.observe(&seen);
        }
        self.write(self.text(&seen));
    }
}

fn push(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("writing to a string does not fail");
}

/// A path's quotes are escaped, so that it cannot end its field.
fn quoted(path: &str) -> Cow<'_, str> {
    match path.contains(['\\', '"']) {
        true => path.replace('\\', "\\\\").replace('"', "\\\"").into(),
        false => path.into(),
    }
}

/// A host's odd characters are dropped: the field has no quotes.
fn plain(host: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    match host.bytes().all(is_plain) {
        true => host.into(),
        false => host.bytes().filter(|byte| is_plain(*byte)).map(char::from).collect::<String>().into(),
    }
}

/// A body that counts its bytes for the record, and holds it and the place at the gate until the end.
pub struct Counted {
    body: Idle,
    record: Record,
    _pass: Option<Pass>,
    ended: bool,
    /// HTTP/1.0 has no other sign of an answer's end than the connection's.
    ends_with_connection: bool,
}

impl Counted {
    /// `idle`: how long the body may stand still.
    pub fn new(body: Body, idle: Duration, record: Record, pass: Option<Pass>, version: Version) -> Self {
        let ended = is_read(&body);
        Self { body: Idle::new(body, idle), record, _pass: pass, ended, ends_with_connection: version == Version::HTTP_10 }
    }

    /// The rest is not sent, for this reason.
    pub fn gives_up(&mut self, code: Code) {
        self.record.code = Some(code);
        self.ended = true;
    }

    fn breaks(&mut self, error: &BoxError) {
        if error.is::<TooLarge>() {
            self.record.answer_is_too_large();
        }
        self.gives_up(match error {
            error if error.is::<IdleTooLong>() => Code::H15,
            error if error.is::<WrongLength>() => Code::H17,
            _ => Code::H18,
        });
        if self.ends_with_connection {
            self.record.exchange.connection.breaks();
        }
    }
}

/// Nothing more is wanted of it. A body whose length was said before is not asked for its end.
fn is_read(body: &impl HttpBody) -> bool {
    body.is_end_stream() || body.size_hint().exact() == Some(0)
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        match &next {
            Poll::Ready(Some(Ok(frame))) => self.record.bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            Poll::Ready(Some(Err(error))) => self.breaks(error),
            Poll::Ready(None) => self.ended = true,
            Poll::Pending => {}
        }
        self.ended |= is_read(&self.body);
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.ended && self.record.code.is_none() {
            self.record.code = Some(Code::H27);
        }
    }
}
