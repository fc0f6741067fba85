using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

sealed class NotifyFormat() : Block<NotifySpec>("notify", "a notification")
{
    public static readonly Key<NotifyTarget> Exec = new("exec", HookFormat.WithBrief,
        "Run a program: a list of program and arguments, or a map. Never a shell. The event is JSON on its standard input, and LVSCTL_EVENT, LVSCTL_TEXT, LVSCTL_SERVICE, … in its environment; any exit code but 0 is tried again.")
        { Example = "exec: [ /etc/lvsctl/notify ]" };
    public static readonly Key<NotifyTarget> Email = new("email", new MappedShape<NotifyTarget.Email, NotifyTarget>(new EmailFormat(), static t => t), "Send a mail; what happens together goes into one.")
        { Example = "email: { smtp: mail.shop.example:25, from: lvs@shop.example, to: ops@shop.example }" };
    public static readonly Key<NotifyTarget> Webhook = new("webhook", new MappedShape<NotifyTarget.Webhook, NotifyTarget>(new WebhookFormat(), static t => t), "POST the event as JSON.")
        { Example = "webhook: { url: \"https://hooks.shop.example/lvs\" }" };
    public static readonly Key<string> Name = new("name", Texts.Token,
        "What logs and metrics call it. With a name, what waits for it is kept when its other keys change.") { DefaultNote = "its kind, and its place in the list" };
    public static readonly Key<IReadOnlyList<Located<NotifyEvent>>> On = new("on", new ListShape<NotifyEvent>(new ChoiceShape<NotifyEvent>(
        ("server", NotifyEvent.Server), ("service", NotifyEvent.Service), ("vrrp", NotifyEvent.Vrrp), ("config", NotifyEvent.Config), ("director", NotifyEvent.Director)), oneIsEnough: true, longest: 5),
        "What to tell. server: one comes in or goes out; service: quorum or last server lost or regained; vrrp: a change of state, a rival; config: a manifest loaded or refused; director: it starts, stops, or is in trouble.")
        { DefaultNote = "everything", Example = "on: [ server, service, vrrp ]" };
    public static readonly Key<TimeSpan> GiveUpAfter = new("give-up-after", Shapes.Span,
        "How long delivery is tried again.") { DefaultValue = NotifySpec.DefaultGiveUpAfter };

    public override IReadOnlyList<Key> OneOf { get; } = [Exec, Email, Webhook];

    public override IReadOnlyList<Key> Keys { get; } = [Exec, Email, Webhook, Name, On, GiveUpAfter];

    protected override NotifySpec? Read(MapCursor map)
    {
        var target = map.Get(Exec) ?? map.Get(Email) ?? map.Get(Webhook);
        var (name, on, giveUp) = (map.Get(Name), map.Get(On), map.Get(GiveUpAfter));
        return target is null ? null : new(target) { Name = name, On = on.Values(), GiveUpAfter = giveUp };
    }
}

sealed class HookFormat() : Block<NotifyTarget>("hook", "a program to run")
{
    public static readonly Key<IReadOnlyList<Located<string>>> Command = new("command", Texts.Command,
        "Program and arguments.") { Required = true };
    public static readonly Key<string> User = new("user", Texts.User, "Whose rights it has.") { DefaultNote = "daemon.probe-user" };
    public static readonly Key<TimeSpan> Timeout = new("timeout", new DurationShape("100ms", "1h"),
        "Then it is killed, with everything it started.") { DefaultValue = NotifyTarget.Exec.DefaultTimeout };
    public static readonly Key<bool> Arguments = new("arguments", new ChoiceShape<bool>(("none", false), ("keepalived", true)),
        "keepalived: add the words that keepalived tells of such a change. A server: RS [server]:tcp:80 [virtual]:tcp:80 UP or DOWN; a quorum: VS [virtual]:tcp:80 UP or DOWN, of a service's first address; a virtual router: INSTANCE name MASTER, BACKUP, FAULT or STOP and its priority; a sync group that is in one state: GROUP name, the state and 0; nothing for other events.") { DefaultValue = false };

    public static Shape<NotifyTarget> WithBrief { get; } = new EitherShape<NotifyTarget>(new Brief(), new HookFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Command, User, Timeout, Arguments];

    protected override NotifyTarget Read(MapCursor map) => new NotifyTarget.Exec(Programs.Command(map, Command))
    {
        User = map.Get(User),
        Timeout = map.Get(Timeout),
        LikeKeepalived = map.Get(Arguments),
    };

    sealed class Brief : Shape<NotifyTarget>
    {
        public override string Type => Texts.Command.Type;

        public override bool TryRead(Yaml.Node node, ReadContext context, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out NotifyTarget value)
        {
            value = null;
            if (!Texts.Command.TryRead(node, context, out var words)) return false;
            value = new NotifyTarget.Exec(Programs.Checked(words, context, node.Place));
            return true;
        }

        public override System.Text.Json.Nodes.JsonObject Schema(SchemaDefinitions definitions) => Texts.Command.Schema(definitions);
    }
}

sealed class EmailFormat() : Block<NotifyTarget.Email>("email", "a mail")
{
    public static readonly Key<HostPort> Smtp = new("smtp", new HostPortShape(),
        "The mail server.") { Required = true, Example = "smtp: mail.shop.example:25" };
    public static readonly Key<string> From = new("from", Texts.MailAddress, "The sender.") { Required = true };
    public static readonly Key<IReadOnlyList<Located<string>>> To = new("to", new ListShape<string>(Texts.MailAddress, oneIsEnough: true, longest: 100),
        "The receivers.") { Required = true };
    public static readonly Key<TimeSpan> Timeout = new("timeout", new DurationShape("100ms", "10m"),
        "For one delivery.") { DefaultValue = NotifyTarget.Email.DefaultTimeout };
    public static readonly Key<MailSecurity> Tls = new("tls", new ChoiceShape<MailSecurity>(
        ("opportunistic", MailSecurity.Opportunistic), ("none", MailSecurity.None), ("starttls", MailSecurity.StartTls), ("tls", MailSecurity.Tls)),
        "opportunistic: STARTTLS if it is offered, without a look at the certificate unless there is a login; starttls: required; tls: from the first byte.") { DefaultValue = MailSecurity.Opportunistic };
    public static readonly Key<string> User = new("user", Texts.Line, "Log in as this user.") { DefaultNote = "no login" };
    public static readonly Key<string> PasswordFile = new("password-file", Texts.Path, "File that holds the password.");
    public static readonly Key<string> CaFile = new("ca-file", Texts.Path,
        "Certificates of the authorities to trust (PEM).") { DefaultNote = "those of the system" };
    public static readonly Key<string> SubjectPrefix = new("subject-prefix", Texts.Line,
        "Put before every subject.") { DefaultValue = "[lvsctl] " };

    public override IReadOnlyList<Key> Keys { get; } = [Smtp, From, To, Timeout, Tls, User, PasswordFile, CaFile, SubjectPrefix];

    protected override NotifyTarget.Email Read(MapCursor map)
    {
        var mail = new NotifyTarget.Email(map.Get(Smtp), map.Get(From) ?? "", map.Get(To).Values())
        {
            Timeout = map.Get(Timeout),
            Security = map.Get(Tls),
            User = map.Get(User),
            PasswordFile = map.Get(PasswordFile),
            CaFile = map.Get(CaFile),
            SubjectPrefix = map.Get(SubjectPrefix) ?? "",
        };
        if (mail.User is null != mail.PasswordFile is null)
        {
            map.Complain(Code.MissingKey, map.KeyPlace(mail.User is null ? PasswordFile : User), "user and password-file go together");
        }
        return mail;
    }
}

sealed class WebhookFormat() : Block<NotifyTarget.Webhook>("webhook", "a webhook")
{
    public static readonly Key<Uri> Url = new("url", new MappedShape<string, Uri>(new TextShape("http or https URL", Problem, longest: 2000, pattern: "^https?://", mayHoldSecret: true), static t => new(t)),
        "Where to POST to.") { Required = true };
    public static readonly Key<TimeSpan> Timeout = new("timeout", new DurationShape("100ms", "10m"),
        "For one delivery.") { DefaultValue = NotifyTarget.Webhook.DefaultTimeout };
    public static readonly Key<IReadOnlyList<KeyValuePair<Yaml.Entry, string>>> Headers = new("headers", Shapes.Headers,
        "More headers of the request.");
    public static readonly Key<string> SecretFile = new("secret-file", Texts.Path,
        "File whose content signs the body (HMAC-SHA256, in X-Lvsctl-Signature).") { DefaultNote = "not signed" };
    public static readonly Key<string> CaFile = new("ca-file", Texts.Path,
        "Certificates of the authorities to trust (PEM).") { DefaultNote = "those of the system" };

    public override IReadOnlyList<Key> Keys { get; } = [Url, Timeout, Headers, SecretFile, CaFile];

    protected override NotifyTarget.Webhook? Read(MapCursor map) => map.Get(Url) is not { } url ? null : new(url)
    {
        Timeout = map.Get(Timeout),
        Headers = Shapes.ToHeaders(map.Get(Headers)),
        SecretFile = map.Get(SecretFile),
        CaFile = map.Get(CaFile),
    };

    static string? Problem(string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0 ? "write https://host/path"
        : url.UserInfo.Length > 0 ? "a password does not belong into the manifest"
        : null;
}
