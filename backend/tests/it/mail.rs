//! Mails over SMTP, to a sink that speaks the protocol.

use crate::kit::{self, ADMINISTRATOR, db_tests};
use backend::{Ctx, accounts, jobs, mail::Mailer, municipality};
use domain::municipality::{RegistrationMethod, Settings};
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

db_tests!(
    a_mail_reaches_the_server,
    a_server_that_is_down_is_tried_again,
    what_failed_is_shown_and_started_again,
);

/// Takes one mail and gives its text.
async fn sink(listener: TcpListener) -> String {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut text = String::new();
    let mut data = false;
    write.write_all(b"220 sink\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer: &[u8] = match line.as_str() {
            "." if data => {
                data = false;
                b"250 taken\r\n"
            }
            line if data => {
                text += line;
                text.push('\n');
                continue;
            }
            "DATA" => {
                data = true;
                b"354 go on\r\n"
            }
            "QUIT" => break,
            _ => b"250 fine\r\n",
        };
        if write.write_all(answer).await.is_err() || (!data && !text.is_empty()) {
            break;
        }
    }
    text
}

async fn with_mailer(mut ctx: Ctx, port: u16) -> Ctx {
    ctx.mailer = Arc::new(
        Mailer::smtp(
            &format!("smtp://127.0.0.1:{port}"),
            "Portal <portal@lindenau.example>",
        )
        .unwrap(),
    );
    register(&ctx, "kaethe").await;
    ctx
}

/// Somebody registers with an address: a mail waits.
pub(crate) async fn register(ctx: &Ctx, name: &str) {
    let known = municipality::current(ctx).await.unwrap();
    if known.settings.residents_register != RegistrationMethod::Open {
        let open = Settings {
            residents_register: RegistrationMethod::Open,
            ..backend::demo::settings()
        };
        municipality::save(ctx, ADMINISTRATOR, open, 0).await.unwrap();
    }
    let form = accounts::OpenRegistration {
        name: "Käthe".into(),
        email: format!("{name}@example.org"),
        password: "grüner Tee um vier".into(),
        consent: true,
    };
    accounts::register_open(ctx, &kit::visitor(), &form)
        .await
        .unwrap();
}

async fn a_mail_reaches_the_server(ctx: Ctx) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = tokio::spawn(sink(listener));
    let ctx = with_mailer(ctx, port).await;
    jobs::run_due(&ctx).await.unwrap();
    let text = taken.await.unwrap();
    assert!(
        text.contains("To: kaethe@example.org") && text.contains("From: Portal <portal@lindenau.example>"),
        "{text}"
    );
    assert_eq!(backend::mail::waiting(&ctx).await.unwrap(), Vec::<String>::new());
}

async fn a_server_that_is_down_is_tried_again(ctx: Ctx) {
    // nobody listens on this port any more
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let ctx = with_mailer(ctx, port).await;
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(
        backend::mail::waiting(&ctx).await.unwrap().len(),
        1,
        "the mail waits"
    );
    for _ in 0..12 {
        ctx.clock.advance(chrono::Duration::hours(3));
        jobs::run_due(&ctx).await.unwrap();
    }
    assert_eq!(jobs::parked(&ctx).await.unwrap(), 1, "given up, and shown");
}

async fn what_failed_is_shown_and_started_again(ctx: Ctx) {
    // nobody listens there
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let ctx = with_mailer(ctx, port).await;
    assert!(jobs::failing(&ctx, ADMINISTRATOR).await.unwrap().is_empty());
    for _ in 0..9 {
        jobs::run_due(&ctx).await.unwrap();
        ctx.clock.advance(chrono::Duration::hours(3));
    }
    let failed = jobs::failing(&ctx, ADMINISTRATOR).await.unwrap();
    assert_eq!((failed.len(), failed[0].state.as_str()), (1, "parked"));
    // what the server said may hold an address
    assert!(!failed[0].error.as_deref().unwrap().contains("kaethe"));
    assert_eq!(
        jobs::failing(&ctx, kit::CLERK).await,
        Err(backend::Failure::Denied)
    );
    assert_eq!(
        jobs::retry(&ctx, kit::CLERK, failed[0].id).await,
        Err(backend::Failure::Denied)
    );
    jobs::retry(&ctx, ADMINISTRATOR, failed[0].id).await.unwrap();
    assert_eq!(jobs::run_due(&ctx).await.unwrap(), 1);
    let again = jobs::failing(&ctx, ADMINISTRATOR).await.unwrap();
    assert_eq!((again[0].state.as_str(), again[0].attempts), ("due", 1));
    jobs::drop_mail(&ctx, ADMINISTRATOR, again[0].id).await.unwrap();
    assert!(backend::mail::waiting(&ctx).await.unwrap().is_empty());
    assert!(jobs::failing(&ctx, ADMINISTRATOR).await.unwrap().is_empty());
}
