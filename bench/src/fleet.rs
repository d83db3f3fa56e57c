//! Fleets: the memory of a further instance, and the cost of lookup and answer by fleet size.

use std::net::IpAddr;

use imds::connection::KeepAlive;
use imds::{Connection, Context, Nonce, Seed, Timestamp};
use imds_ec2::fleet::{Fleet, Launch, LaunchSeq};

/// A fleet whose instances are requested by address.
pub struct Crowd {
    fleet: Fleet,
    now: Timestamp,
    asked: Vec<IpAddr>,
    next: usize,
    connection: Connection,
    request: Vec<u8>,
}

/// The sizes of the table.
pub const SIZES: [u32; 3] = [1, 100, 10_000];

impl Crowd {
    pub fn new(size: u32) -> Crowd {
        let now = Timestamp::saturating_from_millis(1_767_225_600_000);
        let mut fleet = Fleet::new(Seed::new([7; 32]));
        let launch = Launch::new(fleet.launch_template().clone()).with_count(size);
        fleet.launch(now, &launch).expect("the default subnet has room");
        let asked: Vec<IpAddr> = fleet
            .instances(LaunchSeq::FIRST)
            .map(|member| IpAddr::V4(member.instance().details().primary().local_ipv4s[0]))
            .collect();
        Crowd {
            fleet,
            now,
            asked,
            next: 0,
            connection: Connection::new(now, KeepAlive::On),
            request: b"GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 169.254.169.254\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n".to_vec(),
        }
    }

    /// Looks up an instance by address, each time another one.
    pub fn find(&mut self) -> usize {
        // The stride is coprime to the sizes, so consecutive lookups are far apart in the tree.
        self.next = (self.next + 7919) % self.asked.len();
        let found = self.fleet.find_by_address(self.now, self.asked[self.next]);
        found.map_or(0, |member| member.id().len())
    }

    /// Looks up an instance and answers a request, from received bytes to sent bytes.
    pub fn ask(&mut self) -> usize {
        self.next = (self.next + 7919) % self.asked.len();
        let member =
            self.fleet.find_by_address(self.now, self.asked[self.next]).expect("every address belongs to an instance");
        self.connection.receive(self.now, &self.request);
        let request = self.connection.poll_request(self.now).expect("the request is whole");
        let answer = member.instance().answer(self.now, &request, Context::new(Nonce::new(0)));
        self.connection.respond(self.now, &answer.response).expect("a request is outstanding");
        let length = self.connection.poll_transmit().map_or(0, |transmit| transmit.bytes.len());
        self.connection.advance_transmit(self.now, length);
        length
    }
}

/// Bytes of memory of a further instance, launched together with others or by its own call.
pub fn bytes_for_each() -> [(&'static str, i64); 2] {
    let now = Timestamp::saturating_from_millis(1_767_225_600_000);
    let kept = |calls: u32, count: u32| {
        let mut fleet = Fleet::new(Seed::new([7; 32]));
        let launch = Launch::new(fleet.launch_template().clone()).with_count(count);
        // Allocates what all instances share.
        fleet.launch(now, &launch.clone().with_count(1)).expect("the default subnet has room");
        let counted = allocation_counter::measure(|| {
            for _ in 0..calls {
                fleet.launch(now, &launch).expect("the default subnet has room");
                while fleet.poll_event().is_some() {}
            }
        });
        counted.bytes_current / i64::from(calls * count)
    };
    [("launched by one call of 10,000", kept(1, 10_000)), ("launched by 10,000 calls of one", kept(10_000, 1))]
}
