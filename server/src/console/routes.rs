//! The console's routes.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use super::shared::Shared;
use super::{assets, ec2_query, events, index, rejection};

/// Returns the router. Its caller must protect it with a host guard.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(index::index).post(ec2_query::ec2_query))
        .route("/healthz", get(|| async { "ok" }))
        .route("/metrics", get(metrics))
        .route("/events", get(events::events))
        .route("/{*path}", get(assets::asset))
        .with_state(shared)
        // Does not compress event streams.
        .layer(CompressionLayer::new())
}

/// Lets only health checks and metrics through. The router of connections over the limit.
pub fn only_checks(router: Router) -> Router {
    router.layer(from_fn(|request: Request, next: Next| async {
        if matches!(request.uri().path(), "/healthz" | "/metrics") {
            return next.run(request).await;
        }
        rejection::TOO_MANY_CONNECTIONS.response(&request)
    }))
}

async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    ([(CONTENT_TYPE, OPEN_METRICS)], shared.telemetry.encode_metrics(shared.service.fleet.load().len()))
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
