//! Which addresses belong to the public internet.
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv6Addr};

/// IANA's special-purpose registry, multicast, and what is reserved: nothing of it is somebody's public host.
const V4_INSIDE: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16), // with the metadata services of clouds
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];
/// Only this much of IPv6 is public: not `::`, `::1`, `64:ff9b::` (NAT64), `fc00::`, `fe80::`, `ff00::`.
const V6_PUBLIC: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// Of that, not: protocol assignments with Teredo, 6to4 (both carry IPv4 addresses), documentation.
const V6_INSIDE: [([u16; 8], u8); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Whether an address may be somebody's public host, whatever its spelling: `::ffff:127.0.0.1` is `127.0.0.1`.
pub fn is_public(address: IpAddr) -> bool {
    let v4 = |(net, length): &([u8; 4], u8)| Ipv4Net::new_assert((*net).into(), *length);
    let v6 = |(net, length): &([u16; 8], u8)| Ipv6Net::new_assert(Ipv6Addr::from(*net), *length);
    match address.to_canonical() {
        IpAddr::V4(address) => !V4_INSIDE.iter().any(|net| v4(net).contains(&address)),
        IpAddr::V6(address) => v6(&V6_PUBLIC).contains(&address) && !V6_INSIDE.iter().any(|net| v6(net).contains(&address)),
    }
}
