//! Pseudo-random streams of valid and invalid requests in random chunks, equal in each run.

pub struct Stream {
    pub chunks: Vec<Vec<u8>>,
    pub keep_alive: bool,
}

/// xorshift64.
pub struct Random(u64);

pub fn streams() -> Random {
    Random(0x9e37_79b9_7f4a_7c15)
}

impl Random {
    /// The next stream; `token` is a valid token.
    pub fn next(&mut self, token: &str) -> Stream {
        let mut bytes = Vec::new();
        for _ in 0..=self.below(3) {
            if self.below(12) == 0 {
                let garbage = (0..self.below(40)).map(|_| self.below(256) as u8).collect::<Vec<_>>();
                bytes.extend_from_slice(&garbage);
            }
            self.request(token, &mut bytes);
        }
        if self.below(10) == 0 {
            bytes.truncate(self.below(bytes.len() + 1));
        }
        let mut chunks = Vec::new();
        let max_chunk = [1, 7, 100, 5000][self.below(4)];
        while !bytes.is_empty() {
            let length = (1 + self.below(max_chunk)).min(bytes.len());
            let rest = bytes.split_off(length);
            chunks.push(std::mem::replace(&mut bytes, rest));
        }
        Stream { chunks, keep_alive: self.below(2) == 0 }
    }

    fn request(&mut self, token: &str, bytes: &mut Vec<u8>) {
        let end = if self.below(20) == 0 { "\n" } else { "\r\n" };
        let method = self.any(&["GET", "GET", "GET", "PUT", "PUT", "HEAD", "POST", "OPTIONS", "DELETE", "get"]);
        let target = self.any(TARGETS);
        let version = self.any(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 "]);
        let mut head = format!("{method} {target} {version}{end}");
        if self.below(12) > 0 {
            head += &format!("Host: 169.254.169.254{end}");
        }
        let mut body = Vec::new();
        for _ in 0..self.below(4) {
            match self.below(9) {
                0 | 1 => head += &format!("X-aws-ec2-metadata-token: {token}{end}"),
                2 => head += &format!("X-Aws-Ec2-Metadata-Token: {}{end}", token.chars().rev().collect::<String>()),
                3 | 4 => {
                    let ttl = self.any(&["21600", "1", "0", "21601", "-1", "six", "60, 60", ""]);
                    head += &format!("X-aws-ec2-metadata-token-ttl-seconds: {ttl}{end}");
                }
                5 if body.is_empty() => {
                    body = vec![b'b'; self.below(300)];
                    head += &format!("Content-Length: {}{end}", body.len());
                }
                6 => head += &format!("{}{end}", self.any(HEADERS)),
                _ => head += &format!("User-Agent: curl/8.14.1{end}Accept: */*{end}"),
            }
        }
        head += end;
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&body);
    }

    fn any<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % bound.max(1) as u64) as usize
    }
}

const TARGETS: &[&str] = &[
    "/",
    "/latest/",
    "/latest/meta-data/",
    "/latest/meta-data/instance-id",
    "/latest/meta-data/iam/security-credentials/my-role",
    "/latest/api/token",
    "/latest/api/token",
    "/latest/api/token",
    "/latest/dynamic/instance-identity/document",
    "/2009-04-04/meta-data/placement/availability-zone",
    "/1.0/meta-data",
    "/latest/meta-data//tags/instance/",
    "/latest/%6deta-data/mac",
    "http://example.com/latest/user-data?x",
    "/nothing",
    "latest",
    "*",
];

const HEADERS: &[&str] = &[
    "X-Forwarded-For: 10.0.0.1",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Content-Length: 70000",
    "Content-Length: x",
    "Connection: close",
    "Connection: keep-alive",
    "Host: twice",
    " folded",
    "blank : before",
];
