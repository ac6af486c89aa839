nav-organisations = Organisations
field-organisation_kind = Kind of organisation
field-organisation_name = Name of the organisation
field-organisation_name-hint = As it stands in the register or in the statutes
field-register = Register
field-register-hint = For example “Register of associations, Cottbus local court”. Leave empty if you are in no register.
field-register_number = Register number
field-register_number-hint = For example VR 1234 or HRB 5678
field-purpose = Purpose
field-purpose-hint = What does the organisation do? Two or three sentences are enough.
field-web = Website
field-web-hint = Beginning with https://
field-person = Responsible person
field-person_role = Position
field-person_role-hint = For example chair or managing director
field-telephone = Telephone for questions
organisation-kind-club = Club
organisation-kind-company = Company
organisation-kind-farm = Farm
organisation-kind-school = School or day-care
organisation-kind-parish = Church, religious community
organisation-kind-authority = Authority, public institution
organisation-kind-other = Other
organisation-state = State
organisation-state-admitted = admitted, letter on its way
organisation-state-active = registered
organisation-state-suspended = suspended
member-role-owner = Owner
member-role-editor = Editor
member-role-owner-long = Owner: may do everything, also invite and end
member-role-editor-long = Editor: may write the public entry
member-make-owner = Make owner
member-make-editor = Make editor
member-remove = Remove
member-invite-title = Invite somebody
member-invite-how = We send an e-mail with a link. It is good for 14 days and works once. This is also how you hand over, for example after an election.
members-title = Who acts for the organisation
members-none = Nobody yet. The letter has not been used.
invitation-until = { $email }, invited until { $datum }
invitation-take-back = Take back
category = Category
category-sport = Sport
category-culture = Culture
category-music = Music
category-youth = Children and youth
category-seniors = Seniors
category-social = Social affairs and health
category-nature = Nature and animals
category-rescue = Fire brigade and rescue
category-education = Education
category-religion = Religion
category-food = Food and drink
category-crafts = Crafts
category-shop = Shopping
category-services = Services
directory-title = Directory
directory-intro = Clubs, businesses and institutions that our town hall has checked.
directory-open = Open the directory
directory-search = Search word
directory-find = Search
directory-all = All
directory-count = { $n ->
    [0] No entries
    [1] 1 entry
   *[other] { $n } entries
  }
directory-none = There is no such entry. Try another word.
directory-empty = Nobody is in the directory yet.
directory-apply = Is your organisation missing?
directory-apply-how = Clubs, businesses and institutions can apply for admission. After the check a letter brings the access.
directory-confirmed = { $sender } has checked name and address. The text is written by the organisation itself.
apply-title = Apply for admission
apply-intro = Would your organisation like to appear in the citizen portal? This is how:
apply-step-1 = You fill in this form and confirm your e-mail address.
apply-step-2 = You show a picture of your ID, or bring your ID to the town hall.
apply-step-3 = The town hall checks what you say. Questions come to you here in the portal.
apply-step-4 = A letter goes to the organisation's address. With its code you register the organisation.
apply-organisation = Organisation
apply-address = Address
apply-address-hint = This is where we send the letter. For clubs and companies it is the address in the register.
apply-person = Responsible person
apply-person-hint = Who may act for the organisation? We address the letter to this person.
apply-you = Your account
apply-own-name = Your name
apply-account = Through this account we ask questions, and you see how far your request is.
apply-have-account = Do you have an account already?
apply-signed-in = The request runs through your account: { $name }.
apply-mailed = We have sent an e-mail to { $email }. Open the link in it. Then you show your ID. Only after that the request goes to the town hall.
apply-not-staff = With a staff account you cannot apply for admission. Please sign out first.
case-kind-admission = Admission of an organisation
proof-intro-admission = Please show who you are. The town hall compares your ID with the responsible person in the request.
admission-check = Compare before you say yes: is the name right in the register? Does the ID fit the responsible person? Is the address that of the register?
admission-approve = Admit and make the letter
admission-done = The organisation has been admitted.
admission-open = To the organisation and its letter
admission-similar-title = Does this organisation exist already?
admission-similar = Name or register number are like those of an organisation that has been admitted:
admission-address-too-long = Name or address do not fit into the window of the letter. Ask for a shorter spelling.
admission-texts-too-long = The letter template for organisations does not fit on the page. Please shorten it under “Templates”.
admission-no-letter = The letter could not be made. Please try again.
account-organisations = You act for
account-form-organisation = Whoever uses this letter acts for the organisation from now on. Do you have an account already, for example from the request? Then sign in first and use the code afterwards.
account-form-organisation-signed-in = You are signed in as { $name }. With this letter you also act for the organisation from now on. Your own account does not change.
organisation-note-oeffentlich = The entry is public now.
organisation-note-geprueft = The entry is with the town hall now. It is public after the check.
organisation-note-gespeichert = Saved.
organisation-suspended-note = The town hall has suspended the entry. It is not public at present. Please contact us.
organisation-fixed = Only the town hall changes name and address.
organisation-confirm-title = Is it all still right?
organisation-due = Please confirm by { $datum } that name, address and entry are still right. Otherwise the entry is not public after that.
organisation-overdue = The entry has not been public since { $datum }, because nobody confirmed it.
organisation-confirm = Yes, it is all still right
organisation-leave-title = Leave or end
organisation-leave-how = If you are not responsible any more, first invite somebody and make that person an owner.
organisation-leave = Leave the organisation
organisation-end = Take the organisation out of the portal
organisation-end-what = Entry, members and all data are deleted. This cannot be undone. Coming back needs a new request.
organisation-end-yes = Yes, delete everything
organisations-none = No organisation fits.
organisations-off = The directory is switched off. The data stays, nothing is public.
organisation-removed = The organisation has been removed.
organisation-admitted = Admitted on
organisation-active = Registered on
organisation-confirm-by = To be confirmed by
organisation-open-case = Open the request
organisation-letter = Letter
organisation-no-letter = There is no letter to this organisation.
organisation-letter-made = Made on
organisation-letter-posted = Sent on
organisation-letter-until = Valid until
organisation-letter-making = The letter is being made and checked. Reload the page in a moment.
organisation-letter-how = Send the letter by post, or send the accessible PDF by e-mail to the responsible person. Then report it as sent: only with that its time begins.
organisation-letter-print = To the print job
organisation-letter-pdf = Download the accessible PDF
organisation-letter-sent = Sent today
organisation-new-letter-what = A new letter ends the old one at once. Whoever registers with it becomes an owner of the organisation.
organisation-new-letter = Make a new letter
organisation-method-open = Organisations register without a letter. This stands in the settings.
organisation-not-downloaded = Download the letter first.
organisation-letter-state = This is not possible in the present state of the letter.
organisation-more = Suspend or remove
organisation-suspend-what = Suspended organisations are not public. Their data stays.
organisation-suspend = Suspend
organisation-resume = Make public again
organisation-remove = Remove the organisation
entry-title = Public entry
entry-state-waiting = waits for a check
entry-state-public = public
entry-state-none = no entry yet
entry-moderated = The town hall looks at each change before it becomes public.
entry-description = Description
entry-description-hint = What do you offer? For whom? Up to 2,000 characters.
entry-hours = Opening or training hours
entry-telephone = Public telephone number
entry-email = Public e-mail address
entry-show-address = Show street and house number in public
entry-send = Send for checking
entry-publish = Publish
entry-review = A new entry waits for a check
entry-now = Public now
entry-new = New
entry-review-how = With “Do not publish” the owners get an e-mail. The former entry stays.
entry-approve = Publish
entry-reject = Do not publish
join-title = Act for { $organisation }
join-as = You are signed in as { $name }. With this account you also act for the organisation from now on.
join-new = We make an account with the address { $email }. If you have one already, sign in first and open the link again.
join-button = Accept the invitation
join-gone = The invitation has been used, taken back, or is too old. Please ask for a new one.
problem-join-known = There is already an account with this e-mail address. Sign in with it and open the link again.
problem-last-owner = At least one person must stay an owner. Make somebody else an owner first.
problem-sure = Please tick the box if you are sure.
problem-web = Please enter a full address, for example https://www.club.example.
problem-entry-changed = The entry has just been changed. Please reload the page.
problem-organisation-suspended = While the organisation is suspended or not yet registered, the entry cannot be changed.
settings-directory = Switch on the directory of organisations
settings-directory-hint = Switched off, the public pages cannot be reached. The data stays. Admission can be asked for while one of the two is on.
settings-moderate = Look at entries before they are published
template-organisation = Letter to organisations
mail-join-subject = Invitation: act for { $organisation }
mail-join-body = Hello,

    you are invited to act for { $organisation } on the citizen portal of { $kommune }.

    Look at the invitation and accept it:
    { $link }

    The link is good for 14 days and works once. If you do not know the organisation, simply delete this e-mail.
mail-organisation-confirm-subject = Citizen portal of { $kommune }: is it all still right?
mail-organisation-confirm-body = Hello,

    once a year we ask whether what the portal says of your organisation is still right. Please confirm it in the portal, otherwise the entry will soon not be public any more:
    { $link }
mail-organisation-new-owner-subject = Somebody new has all rights for { $organisation }
mail-organisation-new-owner-body = Hello,

    on the citizen portal of { $kommune } somebody else now has all rights for { $organisation }. See here who it is:
    { $link }

    Did you not expect this? Take the rights away, and tell us.
mail-organisation-ended-subject = Your organisation is no longer on the citizen portal of { $kommune }
mail-organisation-ended-body = Hello,

    the entry and all data of your organisation were deleted from the portal. If this is a mistake, please contact us.
mail-entry-public-subject = Your entry on the citizen portal of { $kommune } is public
mail-entry-public-body = Hello,

    the entry of your organisation has been checked and is public now:
    { $link }
mail-entry-refused-subject = Your entry on the citizen portal of { $kommune } was not published
mail-entry-refused-body = Hello,

    the town hall has not published the change to the entry of your organisation. Please contact us if you have questions. You see your entry here:
    { $link }
settings-market = Switch on the market for offers and notices
start-organisations = Clubs and businesses
market-title = Market
market-intro = Offers, requests, dates and news of clubs, businesses and institutions that have been checked.
market-open = Open the market
market-empty = There are no notices at present.
market-count = { $n ->
    [0] No notices
    [1] 1 notice
   *[other] { $n } notices
  }
notices-title = Notices
notices-how = Offers, requests, dates and news. Each notice stays on the market until a day and then goes by itself.
notice-kind = Kind
notice-kind-offer = Offer
notice-kind-wanted = Wanted
notice-kind-event = Date
notice-kind-news = News
notice-headline = Headline
notice-text = Text
notice-last-day = Last day
notice-last-day-hint = The notice stays on the market until then, half a year at most.
notice-until = until { $datum }
notice-hidden = not published
notice-end = Take the notice off
notice-hide = Do not show
problem-notice-day = Please enter a day from today on, at most { $most } days ahead.
problem-notices-full = There cannot be more than { $most } notices at a time. Take one off first.
audit-organisations-write-notice = Notice written
audit-organisations-end-notice = Notice taken off
audit-organisations-review-notice = Notice looked at
mail-notice-hidden-subject = A notice on the citizen portal of { $kommune } is not shown
mail-notice-hidden-body = Hello,

    the town hall does not show a notice of your organisation. Please contact us if you have questions. You see your notices here:
    { $link }
organisation-change-title = Change name or address
organisation-change-how = Change what has changed. The town hall checks it. Until then the directory shows what it shows now.
organisation-change-reason = What has happened, for example a move or a resolution? You can send an extract from the register in the case afterwards.
organisation-change-send = Send request
organisation-change-check = Compare with the register. With the approval, name and address change in the directory, in the market and on letters.
organisation-change-gone = Whoever asked for this is no longer responsible for the organisation, or it no longer exists. Reject with this reason.
organisation-nothing-new = Nothing has changed.
case-kind-organisation_change = Organisation: change name or address
member-invite-language = Language of the e-mail
logo-title = Logo
logo-file = Picture
logo-hint = PNG, JPEG or WebP. We make it small; everything else in the file is removed.
logo-send = Upload logo
logo-remove = Remove logo
logo-alt = The logo
logo-approve = Show logo
logo-reject = Do not show logo
audit-organisations-logo = Logo uploaded
audit-organisations-remove-logo = Logo removed
audit-organisations-review-logo = Logo reviewed
council-active = Registered
council-people = People who act for them
council-ideas = Ideas
council-answered = Of these answered
council-comments = Comments
council-writers = People who have written something
council-supporters = People who support an idea
organisation-change-old = Name or address have changed since the request. Reject it and ask for a new one.
dash-admissions = Requests for admission
organisation-change-approve = Approve
organisation-change-masked = Only the registry office sees street and responsible person of organisations. If one of them shall change, it decides.
organisation-change-covered = Something shall change here that only the registry office sees. Please hand the case over to it.
