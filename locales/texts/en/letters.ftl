letter-state-open = open
letter-state-redeemed = redeemed
letter-state-expired = expired
letter-state-replaced = replaced
letter-state-revoked = withdrawn
letter-none = no letter
letter-number = Letter number
letter-issue = Issue
letter-made = Made
letter-posted = Posted
letter-expires = Valid until
letter-revoke = Withdraw
letters-new = Make new letters
letters-count = Count
letters-waiting = { $n ->
    [0] Nobody is waiting for a letter.
    [one] 1 person is waiting for a letter.
   *[other] { $n } people are waiting for a letter.
}
letters-make = { $n ->
    [one] Make 1 letter
   *[other] Make { $n } letters
}
letters-nobody = Nobody is waiting for a letter. Everybody has an open letter or an account.
letters-method-off = Registration with a letter is switched off. It can be switched on again in the settings. Existing letters stay valid.
letters-texts-too-long = The texts of the letter are about { $zeilen } { $zeilen ->
    [one] line
   *[other] lines
} too long for the sheet. Please shorten them in the template.
letters-banned = No letters are made for this person.
letters-registered = This person already has an account.
letters-wrong-state = This is no longer possible in this state. Please reload the page.
letters-collision = Somebody else made letters for the same people at the same moment. Please look at the list of print jobes.
letters-not-downloaded = These letters have not been downloaded yet. Please download and print the file first.
letters-posting-day = Please enter the day of posting: not before the batch was made and not in the future.
batches = Print jobs
batches-none = There is no print job yet.
batch = Print job
batch-number = Print job { $n }
batch-letters = Letters
batch-redeemed = Redeemed
batch-facts = Facts
batch-checked = Checked
batch-downloaded = Downloaded
batch-size = Size of the file
batch-progress = Made and checked:
batch-making-text = The letters are being made. Every code is read back from the finished file and checked. You may leave this page.
batch-ready-title = The letters are made and checked
batch-ready-text = { $n ->
    [one] 1 letter: the code and the user ID were read from the file and are right.
   *[other] { $n } letters: every code and every user ID was read from the file and is right.
}
batch-download-apart = The file is made while you download it and is not kept on the server. It contains valid codes: print it yourself and delete it afterwards.
batch-step-download = Download and print
batch-download = Download PDF ({ $groesse })
batch-download-text = The file is made while you download it and is not stored on the server. It holds valid codes: please give it to the print shop only, and delete it afterwards.
batch-step-post = Report as posted
batch-post-text = Report this only when all files are downloaded and printed: afterwards none can be downloaded. From posting on the letters work for { $tage } days.
batch-post-date = Day of posting
batch-post-hint = For example 24, 11, 2026
batch-post-button = Report as posted
batch-step-discard = Discard
batch-discard-text = If something is wrong: all letters of this batch become invalid. The people then wait for a letter again.
batch-discard-button = Discard this batch
batch-sealed-title = This batch is sealed
batch-sealed-text = The key is destroyed. The file cannot be made again. Whoever loses a letter gets a new one.
batch-posted-text = The letters are valid until { $datum }. The key is destroyed, the file cannot be made again. Whoever loses a letter gets a new one.
batch-state-making = being made
batch-state-ready = ready
batch-state-failed = failed
batch-state-sealed = sealed
batch-state-posted = posted
batch-state-discarded = discarded
batch-failed-title = The check failed
batch-failed-texts = The texts do not fit on the page. Please shorten them in the template. No letter became valid.
batch-failed-link = The portal's web address is too long for the code. Please ask your IT provider. No letter became valid.
batch-failed-address = Name or address of letter { $nummer } does not fit into the window. Please check this person. No letter became valid.
batch-failed-unreadable = Page { $nummer } could not be read back. No letter became valid. Please report this.
batch-failed-code = The code on page { $nummer } is wrong. No letter became valid. Please report this.
batch-failed-user-id = The user ID on page { $nummer } is wrong. No letter became valid. Please report this.
batch-failed-window = The address window of page { $nummer } does not hold exactly the address. No letter became valid. Please report this.
batch-failed-number = The letter number is missing on page { $nummer }. No letter became valid. Please report this.
batch-failed-twice = The code on page { $nummer } stands twice. No letter became valid. Please report this.
back-to-letters = Back to letters
dash-hello = Hello, { $name }
dash-alarm-title = An unusual number of wrong codes
dash-alarm = In the last ten minutes { $n } wrong codes were entered. Somebody may be guessing codes. The codes are long enough, and guessing is slowed down. Please tell your IT department.
dash-residents = people in the register
dash-registered = of them with an account
dash-response = of the letters redeemed
dash-letters = Letters by state
dash-chart = Registrations of the last 30 days
dash-chart-empty = Nobody registered with a letter in the last 30 days.
dash-chart-summary = { $n ->
    [one] 1 registration
   *[other] { $n } registrations
} in 30 days, { $meiste } on the strongest day.
dash-registrations = Registrations
dash-no-letters = No letters have been made yet.
first-title = First steps
first-done = done
first-settings = Enter municipality and contact
first-settings-why = Name, address and telephone are printed on every letter. The administration enters them, and the logo and the signature.
first-team = Invite the registry office
first-team-why = Resident lists and letters are the registry office's work. Create at least one account for it.
first-list = Upload the resident list
first-list-why = The registry office uploads the list. Before anything is taken over, the portal shows what is missing or wrong.
first-letters = Make letters
first-letters-why = Each person in the register gets a letter with a code that works once.
letters-apart = Letters apart
letters-apart-intro = For people with a register block. These letters are printed by themselves; nothing in the envelope’s window tells of the town. Do not give them to a print shop.
batch-number-apart = Print job apart { $n }
batch-apart-title = For authorised people only
batch-route-desk = This letter bears no address. Hand it over in person at the desk, then report it as posted.
batch-route-neutral = These letters go to people with a register block. Print them yourself and use envelopes without imprint.
letter-state-returned = returned
letters-address-too-long = { $n ->
    [one] Name or address of this person does not fit into the window. Please shorten the extra line, for example. No letter was made.
    [0] Name or address does not fit into the window.
   *[other] Names or addresses of these people do not fit into the window. Please shorten the extra line, for example. No letter was made.
}
letters-too-many = This person got { $n } letters in the last { $tage } days. Your municipality allows no more. The administration can change that in the settings.
letters-needs-second = You made this request yourself. Please let a second person agree.
letters-who = Who gets letters?
letters-who-waiting = Everybody without an account and without an open letter
letters-who-silent = A reminder to everybody who has not responded to a letter
letters-silent-days = Days since posting
letters-silent-days-hint = For reminders only
letters-silent = { $n ->
    [0] There is nobody to remind.
    [one] 1 person has not responded.
   *[other] { $n } people have not responded.
}
letters-print-options = Printing: order, files, large print
letters-large = All letters in large print (16 points, several pages)
letters-large-short = Large print
letters-order = Order
letters-order-address = Postcode, street, house number
letters-order-district = District, then street and house number
separators = Separator sheets
separators-none = none
separators-postcode = before each postcode
separators-district = before each district
letters-per-file = Letters per file
letters-per-file-hint = Larger jobs are split into several files. At most 200,000.
letters-megabytes = Megabytes per file
letters-megabytes-hint = Some print shops take files up to a certain size only.
batch-download-part = Download part { $teil } ({ $groesse })
batch-part = { $n ->
    [one] 1 letter on { $blatt ->
        [one] 1 sheet
       *[other] { $blatt } sheets
    }, sheet number { $von }
   *[other] { $n } letters on { $blatt } sheets, sheet numbers { $von } to { $bis }
}
batch-part-downloaded = downloaded
batch-state-reserved = numbers reserved
manifest-hint = The manifest tells the print shop files, letters, sheets and checksums. It holds no names and no codes.
manifest-pdf = Manifest as PDF
manifest-xlsx = Manifest as Excel file
manifest-title = Manifest of print job
manifest-template = Template
manifest-pages = Pages
manifest-sheets = Sheets
manifest-file = File
manifest-first = First letter
manifest-last = Last letter
manifest-bytes = Bytes
manifest-note = Please count the printed sheets and compare the first and last letter number of each file. Delete the files after printing.
template-first = First letter
template-reminder = Reminder
template-version = Version
template-version-short = { $n ->
    [0] original version
   *[other] version { $n }
}
template-title = Letter templates
template-save = Save as a new version
template-preview = Show preview
template-saved = Saved as version { $n }. New print jobs take this version. Existing ones keep theirs.
template-old-title = You are looking at version { $n }
template-old = If you save, it becomes a new version.
template-versions = Former versions
template-versions-hint = Every save makes a new version. A print job keeps the version it was made with.
template-original = Load the original version
template-saved-at = Saved
template-saved-by = By
template-group-text = Text
template-group-second = Second language
template-group-back = Back page
template-group-sender = Sender
template-group-sheet = Sheet and marks
template-subject = Subject
template-body = Text before the code
template-steps = Text beside the code
template-closing = Closing
template-signatory = Who signs
template-second-name = Name of the language
template-second-name-hint = Stands before the text, for example “English” or “Українська”
template-second-language = Language tag
template-second-language-hint = For screen readers, for example en, pl, uk
template-second = Text in the second language
template-notice = Text of the back page
template-notice-hint = For example the notice under Article 14 GDPR. Lines that begin with “# ” become headings. Empty: nothing on the back, letters are single-sided.
template-return-line = Sender line in the window
template-contact = Contact at the upper right
sheet-form = Form of the sheet (DIN 5008)
sheet-form-b = Form B: window 45 mm from the top, much room for the letterhead
sheet-form-a = Form A: window 27 mm from the top, more room for the text
posting = Printing and posting
posting-own = Ourselves or with a print shop
posting-hybrid = With a hybrid mail service: room for its franking in the window, the left margin stays free
template-fold-marks = Print fold marks
template-hole-mark = Print the hole mark
template-return-mark = Print the return mark into the window: the letter number, not secret
template-sheet-number = Print the sheet number, small at the lower right
template-insert-marks = Print two marks for the inserting machine
preview = Preview
preview-side = Preview of the letter, page { $seite }
preview-person = Letter to
preview-example = somebody invented
preview-example-organisation = an invented organisation
preview-longest = the longest name and address
preview-register = somebody from the register
preview-number = Number in the register
preview-hint = This is how it prints: the same fonts, the same line breaks. The codes are specimens.
preview-failed = The preview cannot be renewed just now. Please check the connection.
preview-address-too-long = Name or address of this person does not fit into the window.
problem-letter-too-long = The text is about { $zeilen } { $zeilen ->
    [one] line
   *[other] lines
} too long for the front. Please shorten it.
problem-notice-too-long = The text of the back page is about { $zeilen } { $zeilen ->
    [one] line
   *[other] lines
} too long. Please shorten it.
problem-large-print-too-long = In large print the letter does not fit: the code must be on the first page, and there may be six pages at most. Please shorten the texts.
problem-contact-lines = The contact may have { $most } lines at most.
problem-language-tag = Please give a language tag such as en, pl or uk.
problem-reissue-limit = Please give a number from 1 to 20.
problem-reissue-days = Please give a number from 7 to 730.
settings-letter-where = Text, sender, marks, logo and signature are in:
settings-reissue-limit = Letters to the same person at most
settings-reissue-limit-hint = The first letter counts. It slows down whoever wants to catch one letter after the other.
settings-reissue-days = counted over so many days
settings-four-eyes = Four eyes: a second person must agree to new letters for people who had one already
settings-reissue-public = Residents may ask for a new letter on a public page
near-label = About letters
near-batches = Letters and print jobs
near-requests = Requests for new letters
near-returns = Returned mail
near-templates = Templates
near-control = Control letters
near-council = Figures
near-help = Help
requests-waiting-title = Somebody wants a new letter
requests-waiting = { $n ->
    [one] 1 request is waiting
   *[other] { $n } requests are waiting
}
requests-title = Requests for new letters
requests-intro = If you agree, a print job with one letter is made. The letter goes to the address in the register, never to another one. The former letter then stops working.
requests-none = No request is waiting.
request-by-person = the person, on the public page
request-agree = Make the letter
request-agree-name = Make the letter: { $name }
request-decline = Decline
request-decline-name = Decline: { $name }
request-own = your own request, waits for a second person
new-letter-reason = Reason
new-letter-lost = did not arrive, or lost
new-letter-request = on request
new-letter-moved = moved
return-title = Returned mail
return-intro = Hold returned letters with the small code in the window before the camera or the hand scanner. The code in the letter stops working at once.
return-camera = Camera
return-looking = Hold the small code in the window before the camera.
return-foreign = This is no return mark. It is the small code above the address.
return-reason = Reason
returned-unknown = unknown
returned-moved = moved
returned-refused = refused
returned-deceased = deceased
returned-no_box = no letter box
return-keep = Keep the reason for the next letters
return-number-hint = Scan or type. If the portal asks for the reason, press 1 to 5.
return-note = Record
return-which = Which reason? Key 1 to 5. Letter
return-pending = Being noted:
return-failed = Not noted, please try again. No connection. Letter
return-last = Last
return-noted = { $nummer }: { $grund }. The code does not work any more.
return-was-dead = { $nummer }: { $grund }. The code had stopped working before.
return-again = { $nummer } was noted before. The reason is now: { $grund }.
return-was-redeemed = { $nummer }: Somebody has registered with this letter! The account is locked now until the person uses a new letter. Please check whether the envelope was opened, and talk to the person.
return-redeemed-short = had been used
return-not-a-number = “{ $nummer }” is no letter number. They look like this: L-7K3M-9QX2.
return-unknown = { $nummer } is no letter number of this municipality.
return-not-posted = { $nummer } has not been reported as posted. Please report the print job as posted first.
return-no-reason = Please choose a reason.
return-none = Nothing recorded yet.
return-newest = Recorded last
return-doubtful = Doubtful addresses
return-doubtful-count = { $n ->
    [one] 1 person.
   *[other] { $n } people.
}
return-doubtful-hint = They get no new letter until their data has changed, by a new list or by hand.
return-doubtful-download = List for the registry (Excel)
return-day = Noted on
control-title = Control letters
control-intro = Some people of the town hall get a letter at home with each larger print job (from 20 letters on). They report when it came. Nobody uses the codes in them: if one is used, somebody has opened letters, and you get an alarm.
control-recipients = Who gets control letters
control-known = This person already gets control letters.
control-nobody = Nobody yet.
control-add = Add a person
control-remove = Remove { $name }
control-arrived = A control letter has arrived
control-number-hint = At the upper right of the letter
control-day = Arrived on
control-arrived-button = Note the arrival
control-wrong-day = Please give a day between posting and today.
control-unknown = This is not the number of a control letter.
control-letters = Control letters so far
control-no-letters = No print job has had control letters yet.
control-took = Time under way
control-days = { $n ->
    [0] on the same day
    [one] 1 day
   *[other] { $n } days
}
control-mean = On average it took { $tage } days.
control-used = Code used on { $tag }
control-alarm-title = The code of a control letter was used
control-alarm = Somebody may have opened or photographed letters. Please have a look:
control-alarm-what = Nobody of the town hall uses these codes. Probably somebody has opened letters or seen the print file. Discard the print job if you cannot explain it, and talk to print shop and post.
council-title = Letters in figures
council-intro = Numbers below { $n } are not shown, so that nobody can be recognised; nor are those from which one could reckon them. People with a register block and control letters are not in them.
council-none = No print job has been reported as posted yet.
council-what = Area
council-sent = Sent
council-opened = Code opened
council-registered = Registered
council-returned = Returned
council-expired = Expired
council-hidden = below 10
council-hidden-hint = “below 10” also stands where one could otherwise reckon a small number.
council-no-district = without district
council-total = Together
council-week = Week from { $tag }
council-districts = By district
council-weeks = By week of posting
council-chart = Share of letters with which somebody has registered
council-download = As Excel file
guessing-title = Can codes be guessed?
guessing-text = Open letters: { $offen }. Today { $heute } wrong codes were typed; the portal lets no more than { $meist } a day pass. Whoever guesses must hit one of more than a sextillion possibilities.
guessing-today = If it went on as today until all letters have expired:
guessing-worst = If somebody guessed without a break:
guessing-never = Nobody has guessed today.
guessing-odds = less than one chance in a number with { $potenz } zeros to hit even one letter.
genuine-title = Is my letter genuine?
genuine-intro = Type the letter number. It is at the upper right of the letter and not secret. Do not type the user ID here.
genuine-hint = For example L-7K3M-9QX2
genuine-button = Check
genuine-yes-title = Yes, there is such a number
genuine-yes = { $sender } sent a letter with this number in the week from { $tag }. Did you get yours at quite another time? Then please call us: { $telefon }.
genuine-no-title = This number is not recorded here
genuine-no = No posting with the number { $nummer } is recorded here. Check that it is typed correctly. If it is, please wait with the registration and call us: { $telefon }.
genuine-many-title = Too many questions
genuine-many = Very many questions came from your connection. Please try again in an hour or call: { $telefon }.
genuine-not-a-number = This is no letter number. It begins with L and has eight more characters.
genuine-warning = A genuine number does not make a letter genuine: somebody may have copied it. Look at the web address. We never ask for money and never for your password. If in doubt, call: { $telefon }.
new-letter-title = Ask for a new letter
new-letter-intro = Your letter did not arrive, is lost or has expired? We send a new one to the address at which you are registered. The old letter then stops working.
new-letter-given = Given name
new-letter-large = In large print, please
new-letter-button = Ask for a letter
new-letter-done-title = Your request has arrived
new-letter-done = If what you typed fits a registered person, we send a letter to the registered address. This may take up to { $tage } days. For privacy we do not say here whether it fits.
new-letter-contact = Have you moved? Then please register your new address first. Questions? { $sender }, telephone { $telefon }.
new-letter-off = New letters cannot be asked for here. Please call us.
new-letter-many = Very many requests came from your connection today. Please try again tomorrow or call us.
refusal-returned-title = This letter does not work any more
refusal-returned = The post sent this letter back to us. That is why the code does not work any more.
refusal-returned-next = Ask for a new letter. Is your address in the register right? Questions? Call us: { $telefon }.
batch-failed-back = The text of the back page does not fit. Please shorten it in the template. No letter became valid.
batch-failed-mark = The return mark on letter { $nummer } is wrong. No letter became valid. Please report this.
batch-failed-font = Letter { $nummer } has a character that the font lacks. No letter became valid. Please report this.
batch-failed-pages = A file does not have the pages it must have. No letter became valid. Please report this.
help-staff-link = How the list becomes letters
help-print-link = Help with printing and posting
help-return-link = Help with returned mail
new-letter-birth-hint = For example 7, 3, 1962
outside-title = Make letters on a computer of your own
offline-hint = Should names and codes never leave the town hall?
offline-intro = You can make the letters on a computer of the town. The portal then gets fingerprints, districts and sealed names only. A name can be opened with the code of the letter alone, that is when somebody registers.
offline-step-1 = Reserve as many numbers here as the list has people.
offline-step-2 = Download the job file and take it to the computer that has the resident list. It needs no network.
offline-step-3 = Start the program stadtbrief there. It makes the PDF and an answer file.
offline-step-4 = Upload the answer file here. From then on the codes work.
offline-step-5 = Print and post the letters, and report the job as posted here.
offline-trade-title = What is different then
offline-trade = Nobody is in the portal before registering. So you do not see who got a letter; reminders and new letters are made by a new job on the same computer. Register blocks and the comparison of lists are checked by the program there, not by the portal. Of returned mail the portal knows the letter number only.
offline-count = How many numbers?
offline-count-hint = Some more do no harm. At most 200,000.
offline-reserve = Reserve numbers
offline-job = Job file
offline-job-text = The file holds the numbers, the template and a key for the fingerprints. Hand it on only in a way in which you would hand on the letters.
offline-job-button = Download the job file
offline-answer = Answer file
offline-answer-text = The program writes it beside the PDF. It holds no names and no codes.
offline-answer-file = File antwort.json
offline-batch = These letters were made on a computer of the town. The portal does not know the names.
answer-damaged = This is no answer file, or it is damaged.
answer-other-job = This answer belongs to another job.
answer-numbers = The answer has a number that was not reserved, or somebody twice.
template-file = Template for the command line
help-picture-alt = Picture of your letter with three numbers: 1 the letter number at the upper right, 2 the code, 3 the user ID beside it
help-picture-1 = The letter number. It is not secret. Tell it when you call us.
help-picture-2 = The code. Point the camera of your phone at it.
help-picture-3 = The user ID. It is secret. Type it if you do not use a phone.
letters-count-again = You have changed the selection. The number on the button is counted anew: please check it and press again.
problem-whole-number = Please give a whole number from 1 to { $most }.
guessing-about = about { $n }
letters-large-one = In large print (16 points, several pages)
return-undo = Undo
return-undone = The record is taken back.
return-cannot-undo = This record cannot be taken back any more: the person has a new letter already, or it is older than a day.
manifest-from = Client
manifest-how = Printing
manifest-double = double-sided (long edge), A4, 100 %
manifest-single = single-sided, A4, 100 %
manifest-signed = Printed and counted on ______________   Signature ______________________________
batch-discard-sure = Yes, make all letters of this job invalid
