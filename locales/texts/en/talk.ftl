start-talk = Have your say
start-talk-intro = Surveys and ideas: people from our town speak here under their confirmed names.
settings-surveys = Switch on surveys
settings-ideas = Switch on ideas
settings-comments = Switch on comments on notices, ideas and results
settings-talk-hint = Switched off, the pages are hidden. What is in them stays stored.
house-rules = House rules
ideas-title = Ideas
ideas-intro = What could be better here? People and organisations of the town propose something, others support it.
ideas-none = Nobody has written anything yet.
ideas-count = { $n ->
    [one] One idea
   *[other] { $n } ideas
 }
ideas-order = Order
ideas-by-support = Most supported
ideas-by-time = Newest
idea-new = Propose an idea
idea-title = Headline
idea-title-hint = In short, what it is about
idea-text = Your idea
idea-text-hint = What should be better, and how? Write nothing that is private to you or others.
idea-send = Publish
idea-thanks = Your idea is published. Thank you!
idea-supports = { $n ->
    [0] No support yet
    [one] One person supports this
   *[other] { $n } people support this
 }
idea-support = I support this
idea-unsupport = No longer support
idea-sign-in = and support this idea.
idea-status = Status
idea-status-new = new
idea-status-examined = is being looked into
idea-status-planned = will be done
idea-status-done = is done
idea-status-declined = will not be done
idea-reply = Answer this idea
idea-reply-of = Answer: { $sender }
idea-reply-text = Answer
idea-reply-hint = A no needs a reason. Whoever had the idea gets an e-mail.
comments-count = { $n ->
    [0] No comments yet
    [one] One comment
   *[other] { $n } comments
 }
comment-new = Write a comment
comment-text = Comment
comment-send = Publish
talk-comment = Comment
talk-organisation = organisation
talk-pseudonym = pseudonym, known to the town hall
talk-no-name = name not public
talk-changed = changed { $datum }, earlier versions
talk-change = Change or delete
talk-change-title = Change contribution
talk-change-how = Earlier versions stay readable for everybody, so that answers still make sense.
talk-delete = Delete contribution
talk-delete-how = The contribution disappears with all its versions.
talk-delete-idea = The idea disappears with all its versions, its support and all comments on it.
talk-delete-sure = Yes, delete
talk-deleted = Your contribution is deleted.
talk-hidden = hidden
talk-hidden-because = The town hall has hidden this contribution. Reason: { $grund }
talk-object = Object
talk-sign-in = and join in. Please mind the
talk-not-verified-title = Your account is not confirmed yet
talk-not-verified = People whose name was confirmed with a letter from the town hall write here, and verified organisations.
talk-too-many = Enough for today. Please go on tomorrow.
talk-own-idea = You cannot support your own idea.
talk-as = You write as { $name }
talk-as-pseudonym = You write as “{ $name }”. This is your pseudonym, because your data in the register are blocked. The town hall knows your name.
talk-as-new-pseudonym = You write under a pseudonym that we give you, because your data in the register are blocked. The town hall knows your name.
talk-voice = You write as
talk-rules-hint = Your contribution is on the internet at once, under your name and readable for everybody.
own-talk-title = My contributions
own-talk-none = You have not written anything yet.
report-link = Report
report-link-of = – contribution of { $name }
report-title = Report a contribution
report-how = Tell us what is wrong with this contribution. Whoever wrote it does not learn who reported it.
report-target-notice = Notice
report-target-entry = Entry of the directory
report-target-idea = Idea
report-target-comment = Comment
report-reason = What is wrong?
report-reason-insult = Insult or threat
report-reason-hatred = Hatred against a group
report-reason-private = Private matters of others
report-reason-false = Wrong or misleading
report-reason-spam = Advertising, always the same
report-reason-illegal = Against the law
report-reason-other = Something else
report-text = Explanation
report-text-hint = Which part do you mean, and why?
report-email = Your e-mail address
report-email-hint = Only if you want to know what becomes of it. After that we delete it.
report-send = Send report
report-thanks-title = Thank you for your report
report-thanks = The town hall looks at the contribution and decides whether it stays.
report-too-many = Many reports came from this connection today. Please try again tomorrow, or call us.
report-decided = This has been decided already.
moderation-title = Reports
moderation-reported = Reported
moderation-none = No reports are waiting.
moderation-newest = Newest contributions
moderation-person = in the register: { $name }
moderation-reports = { $n ->
    [one] One report
   *[other] { $n } reports
 }
moderation-reason = Reason
moderation-reason-hint = Whoever wrote it reads this reason and can object.
moderation-hide = Hide
moderation-keep = Leave it
moderation-keep-hint = This settles the reports. Whoever gave an address gets a mail.
moderation-close = Done
moderation-gone = No longer there
moderation-show = Show again
dash-talk = Have your say
dash-surveys-open = Surveys open
dash-surveys-closed = Surveys without result
dash-ideas = Ideas
dash-comments = Comments
dash-reports = Reports waiting
mail-idea-reply-subject = Answer to your idea in the citizen portal of { $kommune }
mail-idea-reply-body = Hello,

    the town hall has answered your idea “{ $titel }”. Read the answer here:
    { $link }

    Citizen portal of { $kommune }
mail-contribution-hidden-subject = Your contribution in the citizen portal of { $kommune } is hidden
mail-contribution-hidden-body = Hello,

    the town hall has hidden a contribution of yours: “{ $titel }”

    Reason: { $grund }

    You find your contributions here:
    { $link }

    If you do not agree, write to us in the portal under “Message”. A person will look at it once more.

    Citizen portal of { $kommune }
mail-contribution-shown-subject = Your contribution in the citizen portal of { $kommune } can be read again
mail-contribution-shown-body = Hello,

    the town hall has looked at your contribution once more. It is there again:
    { $link }

    Citizen portal of { $kommune }
mail-content-hidden-subject = A notice by { $organisation } in the citizen portal of { $kommune } is hidden
mail-content-hidden-body = Hello,

    the town hall has hidden a notice by { $organisation }: “{ $titel }”

    Reason: { $grund }

    You can change it here:
    { $link }

    If you do not agree, write to us in the portal under “Message”. A person will look at it once more.

    Citizen portal of { $kommune }
mail-entry-hidden-subject = The entry of { $organisation } in the citizen portal of { $kommune } is hidden
mail-entry-hidden-body = Hello,

    the town hall has hidden the entry of { $organisation } in the directory.

    Reason: { $grund }

    You can change it here:
    { $link }

    If you do not agree, write to us in the portal under “Message”. A person will look at it once more.

    Citizen portal of { $kommune }
mail-report-subject = Your report in the citizen portal of { $kommune }
mail-report-hidden = Hello,

    thank you for your report. The town hall has hidden the contribution.

    Citizen portal of { $kommune }
mail-report-kept = Hello,

    thank you for your report. The town hall has checked the contribution and leaves it. If you do not agree, answer the town hall or call.

    Citizen portal of { $kommune }
mail-report-gone = Hello,

    thank you for your report. The contribution is no longer there.

    Citizen portal of { $kommune }
permission-manage-surveys = Write and publish surveys
permission-moderate = Decide reports, hide contributions, answer ideas
audit-surveys-create = Survey created
audit-surveys-write = Survey changed
audit-surveys-release = Survey released
audit-surveys-close = Survey closed
audit-surveys-publish = Result of a survey published
audit-surveys-discard = Survey deleted
audit-talk-propose = Idea proposed
audit-talk-comment = Comment written
audit-talk-rewrite = Contribution changed
audit-talk-take-back = Contribution deleted
audit-talk-reply = Idea answered
audit-talk-report = Contribution reported
audit-talk-decide-report = Report decided
audit-talk-hide = Contribution hidden
audit-talk-show-again = Contribution shown again
own-data-surveys = Surveys in which you have taken part (we do not know what you answered)
own-data-pseudonym = Pseudonym
own-data-supports = You support
moderation-earlier = Earlier versions
