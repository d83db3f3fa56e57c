//! The console's routes.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, delete, get};
use tower_http::compression::CompressionLayer;

use super::shared::Shared;
use super::{assets, control_routes, ec2_query, events, index, rejection};
use crate::control;

/// Returns the router. Its caller must protect it with a host guard.
pub fn router(shared: Shared) -> Router {
    let control = CONTROL.iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods()));
    control
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

/// A path, and its methods.
type ControlRoute = (&'static str, fn() -> MethodRouter<Shared>);

/// The routes under `/v1`.
const CONTROL: [ControlRoute; 3] = [
    (control::EVENTS, || get(control_routes::list_events).post(control_routes::plan_event)),
    (control::EVENT, || delete(control_routes::cancel_event)),
    (control::CLOCK, || get(control_routes::show_clock).post(control_routes::change_clock)),
];

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::CONTROL;

    #[test]
    fn openapi_has_all_routes_under_v1() {
        let page: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
        let described: Vec<&String> = page["paths"].as_object().unwrap().keys().collect();
        let mut routes = CONTROL.map(|(path, _)| path);
        routes.sort_unstable();
        assert_eq!(described, routes);
    }
}
