//! Why a guest ended badly: a code for the router, lines for the app's log.
use crate::{
    Failure,
    crowd::Ended,
    instance::{OutOfTime, Record},
};
use paas_model::Code;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// Judges how a guest ended and writes the report; `None` if it ended well.
pub(crate) fn judge(ending: wasmtime::Result<()>, record: &Record) -> Option<Failure> {
    ending.err().and_then(|error| failure(&error, record))
}

fn failure(error: &wasmtime::Error, record: &Record) -> Option<Failure> {
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return exited(*status, record);
    }
    if let Some(out) = error.downcast_ref::<OutOfTime>() {
        record.log.platform(&format!("Stopping process: {out}"));
        trace(error, record);
        return Some(Failure::new(Code::H12, out.to_string()));
    }
    if let Some(ended) = error.downcast_ref::<Ended>() {
        record.log.platform(&format!("Stopping process: {ended}"));
        return Some(Failure::new(ended.code, ended.to_string()));
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Some(Failure::new(Code::H11, "all instances of this node are in use"));
    }
    record.log.report(&error.root_cause().to_string());
    trace(error, record);
    let detail = error.root_cause().to_string();
    let crashed = record.ran() || error.is::<Trap>();
    Some(Failure::new(if crashed { Code::H10 } else { Code::H20 }, detail))
}

fn exited(status: i32, record: &Record) -> Option<Failure> {
    if status == 0 {
        return None;
    }
    record.log.platform(&format!("Process exited with status {status}"));
    Some(Failure::new(Code::H10, format!("exited with status {status}")))
}

/// Where it was: a line for each frame, in the app's own log.
fn trace(error: &wasmtime::Error, record: &Record) {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else { return };
    for line in trace.to_string().lines() {
        record.log.report(line);
    }
}
