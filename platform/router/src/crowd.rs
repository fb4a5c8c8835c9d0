//! How many connections there are, in all and from one address, so that one visitor cannot take all places.
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Turning visitors away is said at most this often.
const SAID_EVERY: Duration = Duration::from_secs(10);

/// How many connections may be open at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub total: usize,
    /// From one IPv4 address, or one /64 of IPv6.
    pub per_address: usize,
}

impl Connections {
    /// One address may have half of all places unless `per_address` says otherwise: a proxy before the platform, or a load test, comes from one address
    /// too, and whoever takes half still leaves a place to others.
    pub fn new(total: usize, per_address: Option<usize>) -> Self {
        Self { total, per_address: per_address.unwrap_or(total / 2).clamp(1, total.max(1)) }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self::new(16_384, None)
    }
}

/// Those who are here. Cheap to clone.
#[derive(Clone)]
pub struct Crowd(Arc<Inner>);

struct Inner {
    most: Connections,
    here: Mutex<Here>,
}

#[derive(Default)]
struct Here {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    turned_away: u64,
    said: Option<Instant>,
}

/// One connection's place, free again when it is dropped.
pub struct Place {
    crowd: Crowd,
    address: IpAddr,
}

impl Crowd {
    pub fn new(most: Connections) -> Self {
        Self(Arc::new(Inner { most, here: Mutex::default() }))
    }

    /// A place for a connection from there, if there is one.
    pub fn enter(&self, peer: IpAddr) -> Option<Place> {
        let (address, most) = (whose(peer), self.0.most);
        let mut here = self.here();
        let from_there = here.by_address.get(&address).copied().unwrap_or(0);
        if here.total >= most.total || from_there >= most.per_address {
            here.turn_away(address, from_there);
            return None;
        }
        here.total += 1;
        here.by_address.insert(address, from_there + 1);
        Some(Place { crowd: self.clone(), address })
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    fn turn_away(&mut self, address: IpAddr, from_there: usize) {
        self.turned_away += 1;
        if self.said.is_none_or(|at| at.elapsed() >= SAID_EVERY) {
            self.said = Some(Instant::now());
            let (turned_away, open) = (std::mem::take(&mut self.turned_away), self.total);
            tracing::warn!(%address, from_there, open, turned_away, "connections are turned away: there are as many as may be (PAAS_MAX_CONNECTIONS, PAAS_MAX_CONNECTIONS_PER_ADDRESS)");
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.crowd.here();
        here.total -= 1;
        if let Some(count) = here.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                here.by_address.remove(&self.address);
            }
        }
    }
}

/// Who has one address of a /64 has all of them.
fn whose(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_leaves_places_to_others() {
        let crowd = Crowd::new(Connections::new(4, None));
        let held: Vec<_> = (0..3).map(|_| crowd.enter(address("10.0.0.1"))).collect();
        assert_eq!(held.iter().flatten().count(), 2);
        let other = crowd.enter(address("::ffff:10.0.0.2"));
        assert!(other.is_some() && crowd.enter(address("10.0.0.2")).is_some());
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_has_gone() {
        let crowd = Crowd::new(Connections::new(1, None));
        let first = crowd.enter(address("10.0.0.1"));
        assert!(first.is_some() && crowd.enter(address("10.0.0.2")).is_none());
        drop(first);
        assert!(crowd.enter(address("10.0.0.2")).is_some());
        assert!(crowd.here().by_address.is_empty() && crowd.here().total == 0);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let crowd = Crowd::new(Connections::new(9, Some(1)));
        let _first = crowd.enter(address("2001:db8::1"));
        assert!(crowd.enter(address("2001:db8::2")).is_none());
        assert!(crowd.enter(address("2001:db8:0:1::2")).is_some());
    }
}
