//! Which addresses an app may reach: those of the public internet, whatever spelling led to them.
use ipnet::IpNet;
use paas_model::is_public;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

pub(super) struct Guard {
    allowed: Vec<IpNet>,
    refused: Vec<IpAddr>,
    /// Whether a socket can be bound to this machine's addresses only, which tells them from others.
    tells_ours: bool,
}

impl Guard {
    pub(super) fn new(allowed: Vec<IpNet>, refused: &[IpAddr]) -> Self {
        let documentation = Ipv4Addr::new(192, 0, 2, 1).into();
        Self { allowed, refused: refused.iter().map(IpAddr::to_canonical).collect(), tells_ours: !can_bind(documentation) }
    }

    pub(super) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical(); // ::ffff:127.0.0.1 is 127.0.0.1
        let by_operator = self.allowed.iter().any(|net| net.contains(&address));
        by_operator || (is_public(address) && !self.refused.contains(&address) && !(self.tells_ours && can_bind(address)))
    }
}

fn can_bind(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached() {
        let guard = Guard::new(vec![], &["9.9.9.9".parse().unwrap()]);
        for inside in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "fe80::1",
            "fd00::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fec0::1",
            "100::1",
            "9.9.9.9",
            "::ffff:9.9.9.9",
        ] {
            assert!(!guard.allows(inside.parse().unwrap()), "{inside}");
        }
        for public in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"] {
            assert!(guard.allows(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_operator_may_open_private_networks() {
        let guard = Guard::new(vec!["10.1.0.0/16".parse().unwrap(), "127.0.0.1/32".parse().unwrap()], &[]);
        for open in ["10.1.2.3", "::ffff:10.1.2.3", "127.0.0.1"] {
            assert!(guard.allows(open.parse().unwrap()), "{open}");
        }
        for closed in ["10.2.0.1", "127.0.0.2", "::1"] {
            assert!(!guard.allows(closed.parse().unwrap()), "{closed}");
        }
    }
}
