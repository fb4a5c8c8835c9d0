//! One line in the app's log for each request, written when the last byte is sent, or when the visitor leaves.
use crate::idle::{Idle, IdleTooLong};
use bytes::Bytes;
use chrono::Utc;
use http::{Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use paas_logs::Logs;
use paas_model::{
    AppId, Code, ReleaseVersion,
    log::{Line, Sink, Source},
};
use paas_runtime::{Body, BoxError};
use std::{
    fmt::Write,
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// What is known of a request; logs itself when dropped, so that no way out is forgotten.
pub struct Record {
    pub logs: Logs,
    pub app: AppId,
    pub method: Method,
    pub path: String,
    pub host: String,
    pub request_id: String,
    pub peer: IpAddr,
    pub release: Option<ReleaseVersion>,
    pub began: Instant,
    pub cold: bool,
    pub instantiate: Duration,
    /// `None` until the answer's head is there: dropped before that, the visitor has left.
    pub status: Option<StatusCode>,
    pub code: Option<Code>,
    pub bytes: u64,
}

impl Record {
    fn text(&self) -> String {
        let code = self.code.or(self.status.is_none().then_some(Code::H27));
        let status = self.status.map_or(Code::H27.status(), |status| status.as_u16());
        let mut text = String::with_capacity(256);
        match code {
            None => text.push_str("at=info"),
            Some(code) => push(&mut text, format_args!("at=error code={code} desc=\"{}\"", code.description())),
        }
        let Self { method, request_id, peer, bytes, .. } = self;
        let (path, host) = (quoted(&self.path), plain(&self.host));
        push(&mut text, format_args!(" method={method} path=\"{path}\" host={host} request_id={request_id} fwd=\"{peer}\""));
        let (service, instantiate) = (self.began.elapsed().as_millis(), self.instantiate.as_micros());
        push(&mut text, format_args!(" dyno=web.1 connect=0ms service={service}ms status={status} bytes={bytes} protocol=http"));
        if let Some(release) = self.release {
            push(&mut text, format_args!(" release={release} cold={} instantiate={instantiate}us", u8::from(self.cold)));
        }
        text
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let line = Line { at: Utc::now(), source: Source::Paas, process: "router".into(), text: self.text() };
        self.logs.write(self.app, line);
    }
}

fn push(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("writing to a string does not fail");
}

/// A path's quotes are escaped, so that it cannot end its field.
fn quoted(path: &str) -> String {
    path.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A host's odd characters are dropped: the field has no quotes.
fn plain(host: &str) -> String {
    host.chars().filter(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(*c)).collect()
}

/// A body that counts its bytes for the record, and holds it until the end.
pub struct Counted {
    body: Idle,
    record: Record,
    ended: bool,
}

impl Counted {
    /// `idle`: how long the body may stand still.
    pub fn new(body: Body, idle: Duration, record: Record) -> Self {
        let ended = body.is_end_stream();
        Self { body: Idle::new(body, idle), record, ended }
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        match &next {
            Poll::Ready(Some(Ok(frame))) => self.record.bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            Poll::Ready(Some(Err(error))) => {
                self.record.code = Some(if error.is::<IdleTooLong>() { Code::H15 } else { Code::H18 });
                self.ended = true;
            }
            Poll::Ready(None) => self.ended = true,
            Poll::Pending => {}
        }
        self.ended |= self.body.is_end_stream();
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
        let head_only = self.record.method == Method::HEAD;
        if !self.ended && !head_only && self.record.code.is_none() {
            self.record.code = Some(Code::H27);
        }
    }
}
