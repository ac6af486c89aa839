//! Mails: written into the outbox inside the transaction that needs them, sent by a job, deleted when sent.

mod store;

use crate::{
    Ctx,
    db::Tx,
    jobs::{self, Job},
};
use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use std::path::Path;
use uuid::Uuid;

/// Where mails go.
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

enum Transport {
    /// One `.eml` file per mail: the default without a mail server.
    Folder(AsyncFileTransport<Tokio1Executor>),
    /// A mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// A mail could not be prepared or sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender address is not one.
    #[error("the sender address is not a valid e-mail address")]
    Sender,
    /// The folder cannot be made.
    #[error("mail folder: {0}")]
    Folder(#[from] std::io::Error),
    /// `smtp://` or `smtps://` address not understood.
    #[error("the mail server's address is not valid")]
    Server,
    /// The recipient's address is not one, or the mail cannot be built.
    #[error("the mail cannot be built")]
    Build,
    /// The transport said no. The text is the server's and may hold an address, so it is not shown.
    #[error("the mail was not accepted")]
    Send,
}

impl Mailer {
    /// Mails as files.
    pub fn folder(folder: &Path, from: &str) -> Result<Self, MailError> {
        std::fs::create_dir_all(folder)?;
        let from = from.parse().map_err(|_| MailError::Sender)?;
        Ok(Self {
            from,
            transport: Transport::Folder(AsyncFileTransport::new(folder)),
        })
    }

    /// Mails through a server: `smtps://user:password@host:465`, `smtp://host:587?tls=required`.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let from = from.parse().map_err(|_| MailError::Sender)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailError::Server)?
            .build();
        Ok(Self {
            from,
            transport: Transport::Smtp(transport),
        })
    }

    async fn send(&self, mail: &store::MailRow) -> Result<(), MailError> {
        let to = mail.recipient.parse().map_err(|_| MailError::Build)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|_| MailError::Build)?;
        match &self.transport {
            Transport::Folder(t) => t.send(message).await.map(drop).map_err(|_| MailError::Send),
            Transport::Smtp(t) => t.send(message).await.map(drop).map_err(|_| MailError::Send),
        }
    }
}

/// Puts a mail into the outbox and a job that sends it.
pub async fn put(
    ctx: &Ctx,
    tx: &mut Tx,
    recipient: &str,
    subject: &str,
    body: &str,
) -> crate::db::Result<()> {
    let id = ctx.new_id();
    let now = ctx.clock.now();
    store::insert(tx, id, recipient, subject, body, now).await?;
    jobs::enqueue(ctx, tx, Job::SendMail(id), now).await
}

/// The job: sends and deletes. A mail that is gone was sent already.
pub(crate) async fn send(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    let mut tx = ctx.db.read().await.map_err(|e| e.to_string())?;
    let mail = store::find(&mut tx, id).await.map_err(|e| e.to_string())?;
    drop(tx);
    let Some(mail) = mail else { return Ok(()) };
    ctx.mailer.send(&mail).await.map_err(|e| e.to_string())?;
    let mut tx = ctx.db.begin().await.map_err(|e| e.to_string())?;
    store::delete(&mut tx, id).await.map_err(|e| e.to_string())?;
    tx.commit_unaudited("a sent mail leaves the outbox")
        .await
        .map_err(|e| e.to_string())
}

/// Deletes a mail that will not be sent.
pub(crate) async fn forget(tx: &mut Tx, id: Uuid) -> crate::db::Result<()> {
    store::delete(tx, id).await
}

/// Bodies of the mails that wait in the outbox, oldest first: for tests, before the job runs.
#[cfg(feature = "testing")]
pub async fn waiting(ctx: &Ctx) -> crate::db::Result<Vec<String>> {
    let mut tx = ctx.db.read().await?;
    store::bodies(&mut tx).await
}
