//! IP allow lists (reference 10): reading their blocks, and whether one holds an address. Used by the pipeline, which turns
//! strangers away, and by `clients/set_whitelist`, which refuses what is no block.

use std::net::IpAddr;

use ipnet::IpNet;

/// The allow list of a new client (reference 10). Meant is every address, those of IPv6 too.
pub(crate) const EVERYWHERE: &str = "0.0.0.0/0";

/// Whether `block` can stand in an allow list: CIDR notation of IPv4 or IPv6. A plain address is a block of one (our
/// choice).
pub(crate) fn is_block(block: &str) -> bool {
    read(block).is_some()
}

/// Whether the list holds the address. A connection through an IPv6 socket from an IPv4 address counts as one from that
/// IPv4 address.
pub(crate) fn holds(list: &[String], address: IpAddr) -> bool {
    let address = address.to_canonical();
    list.iter().any(|block| {
        block.trim() == EVERYWHERE || read(block).is_some_and(|block| block.contains(&address))
    })
}

fn read(block: &str) -> Option<IpNet> {
    let block = block.trim();
    match block.parse() {
        Ok(net) => Some(net),
        Err(_) => block.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_and_hold_what_they_should() {
        for (block, address, held) in [
            (EVERYWHERE, "203.0.113.9", true),
            (EVERYWHERE, "::1", true),
            (EVERYWHERE, "2001:db8::1", true),
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.7", true),
            ("192.0.2.0/24", "::1", false),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            (" 192.0.2.1 ", "192.0.2.1", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::1", "::1", true),
            ("::/0", "::1", true),
            ("::/0", "192.0.2.1", false),
        ] {
            assert!(is_block(block), "{block}");
            let address: IpAddr = address.parse().expect("is an address");
            assert_eq!(
                holds(&[block.to_owned()], address),
                held,
                "{block} {address}"
            );
        }
        let list = ["192.0.2.1".to_owned(), "::1".to_owned()];
        assert!(holds(&list, IpAddr::from([192, 0, 2, 1])));
        assert!(!holds(&[], IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in [
            "",
            "localhost",
            "192.0.2",
            "192.0.2.0/33",
            "192.0.2.0/",
            "192.0.2.0/-1",
            "2001:db8::/129",
            "192.0.2.0/24,192.0.3.0/24",
            "*",
        ] {
            assert!(!is_block(text), "{text}");
            assert!(!holds(&[text.to_owned()], IpAddr::from([192, 0, 2, 1])));
        }
    }
}
