//! Serves one instance from an axum router, for test suites that already run one.
//!
//! A framework reads and writes the head itself, so two properties of EC2 are lost: the exact bytes
//! of the head, and the hop limit of a token response. Use a [`Connection`](imds::Connection) where
//! they matter.
//!
//! ```sh
//! cargo run -p imds-examples --bin axum_service
//! curl http://127.0.0.1:1338/latest/meta-data/instance-type
//! ```

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, error};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use imds::{Context, Instance, Nonce, Record, Seed, Timestamp};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn error::Error>> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:1338".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let record = Record::from_json(r#"{ "instance_type": "t3.micro" }"#)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let instance = Instance::new(&record, &Seed::new(seed), now())?;
    let router = Router::new().fallback(metadata).with_state(Arc::new(instance));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn metadata(State(instance): State<Arc<Instance>>, request: Request) -> Result<Response<Body>, StatusCode> {
    let head = head(&request);
    let request = imds::http::Request::parse(&head);
    let nonce = getrandom::u64().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let answer = instance.answer(now(), &request, Context::new(Nonce::new(nonce)));
    let mut bytes = Vec::new();
    answer.write(&mut bytes);
    response(&bytes).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The head of a request as bytes, which the core reads.
fn head(request: &Request) -> Vec<u8> {
    let mut head = format!("{} {} {:?}\r\n", request.method(), request.uri(), request.version()).into_bytes();
    for (name, value) in request.headers() {
        head.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn response(bytes: &[u8]) -> Option<Response<Body>> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let mut response = Response::builder().status(head.code?);
    for header in head.headers {
        response = response.header(header.name, header.value);
    }
    response.body(Body::from(bytes[length..].to_vec())).ok()
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::saturating_from_millis(since_epoch.as_millis() as u64)
}
