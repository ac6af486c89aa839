//! What monitoring and the log learn of security: that something happened, never to whom.

/// A security event: counted for monitoring and written into the log (OWASP ASVS 5.0, 16.3). Neither person nor address
/// nor what was typed is said; who wants to know more looks into the audit log of the municipality.
pub fn security(event: &'static str) {
    metrics::counter!("stadtbrief_security_events_total", "event" => event).increment(1);
    tracing::warn!(event, "security");
}
