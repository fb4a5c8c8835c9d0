//! One pollable for each stream, however often a guest asks for one.
//!
//! The JavaScript engine asks for a new one before each read of another host's answer, and gives none of them back: an answer in some thousand pieces
//! would use up all handles of its instance. They are all alike, so the guest gets the same again, and the host counts.
use std::collections::BTreeMap;
use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource, ResourceType},
};
use wasmtime_wasi::{
    ResourceTable,
    p2::{self, DynInputStream, DynPollable, bindings::io::poll::HostPollable},
};

const STREAMS: &str = "wasi:io/streams@0.2.12";
const POLL: &str = "wasi:io/poll@0.2.12";
/// A guest's own table has a few words for each.
const MOST: u32 = 1 << 18;

/// The pollables of an instance's streams, by their numbers in its table.
#[derive(Default)]
pub(crate) struct Pollables {
    of_stream: BTreeMap<u32, u32>,
    shared: BTreeMap<u32, Shared>,
    handles: u32,
}

struct Shared {
    stream: u32,
    handles: u32,
}

/// A store whose guest has streams.
pub(crate) trait Polls: Send + 'static {
    fn pollables(&mut self) -> (&mut Pollables, &mut ResourceTable);
}

/// Instead of what WASI's own linking put there.
pub(crate) fn link<T: Polls>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let subscribe = |mut store: StoreContextMut<'_, T>, (stream,): (Resource<DynInputStream>,)| {
        let (pollables, table) = store.data_mut().pollables();
        Ok((pollables.subscribe(table, stream)?,))
    };
    linker.instance(STREAMS)?.func_wrap("[method]input-stream.subscribe", subscribe)?;
    let drop = |mut store: StoreContextMut<'_, T>, number: u32| {
        let (pollables, table) = store.data_mut().pollables();
        pollables.drop(table, number)
    };
    linker.instance(POLL)?.resource("pollable", ResourceType::host::<DynPollable>(), drop)?;
    linker.allow_shadowing(false);
    Ok(())
}

impl Pollables {
    fn subscribe(&mut self, table: &mut ResourceTable, stream: Resource<DynInputStream>) -> wasmtime::Result<Resource<DynPollable>> {
        wasmtime::ensure!(self.handles < MOST, "the app holds more than {MOST} pollables of streams");
        let of = stream.rep();
        let number = match self.of_stream.get(&of) {
            Some(number) => *number,
            None => {
                let number = p2::subscribe(table, stream)?.rep();
                self.of_stream.insert(of, number);
                number
            }
        };
        self.handles += 1;
        self.shared.entry(number).or_insert(Shared { stream: of, handles: 0 }).handles += 1;
        Ok(Resource::new_own(number))
    }

    /// The last handle takes the pollable along.
    fn drop(&mut self, table: &mut ResourceTable, number: u32) -> wasmtime::Result<()> {
        if let Some(shared) = self.shared.get_mut(&number) {
            shared.handles -= 1;
            self.handles -= 1;
            if shared.handles > 0 {
                return Ok(());
            }
            self.of_stream.remove(&shared.stream);
            self.shared.remove(&number);
        }
        HostPollable::drop(table, Resource::new_own(number))
    }
}
