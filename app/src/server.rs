//! How server functions reach the request: the only callers of `expect_context`.

use crate::portal::Rq;
use leptos::prelude::*;

/// Makes the request known to a server function.
pub fn provide(rq: Rq) {
    provide_context(rq);
}

/// The request of the running server function.
pub fn rq() -> Result<Rq, ServerFnError> {
    use_context::<Rq>().ok_or_else(|| ServerFnError::new("no request"))
}
