using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Manifests.Cluster;

/// <summary>A program with its arguments: never a shell, so quoting and injection are no questions.</summary>
static class Programs
{
    public static ValueList<string> Command(MapCursor map, Key<IReadOnlyList<Located<string>>> key) =>
        map.TryGet(key, out var words) ? Checked(words, map.Context, map.ValuePlace(key)) : [];

    public static ValueList<string> Checked(IReadOnlyList<Located<string>> words, ReadContext context, Yaml.Place place)
    {
        if (words.Count == 0) context.Complain(Code.NothingWritten, place, "a command needs a program");
        else if (!words[0].Value.StartsWith('/')) context.Complain(Code.Malformed, words[0].Place, $"'{Yaml.Wording.Excerpt(words[0].Value)}' is no absolute path; programs are not searched for");
        return words.Values();
    }
}

sealed class ExecFormat() : Block<Exec>("exec", "an exec probe")
{
    public static readonly Key<IReadOnlyList<Located<string>>> Command = new("command", Texts.Command,
        "Program and arguments. It finds LVSCTL_CHECK, LVSCTL_ADDRESS and LVSCTL_PORT in its environment; exit code 0 is healthy. It is run once per server and check, however many services share them, without a shell, as an unprivileged user, and killed with all it started when its time is over.") { Required = true, Example = "command: [ /usr/lib/lvsctl/check-queue, --max, \"100\" ]" };
    public static readonly Key<string> User = new("user", Texts.User, "Whose rights it has.") { DefaultNote = "daemon.probe-user" };

    /// <summary>The command alone, without its map.</summary>
    public static Shape<ProbeSpec> WithBrief { get; } = new EitherShape<ProbeSpec>(new Brief(), new MappedShape<Exec, ProbeSpec>(new ExecFormat(), static e => e));

    public override IReadOnlyList<Key> Keys { get; } = [Command, User];

    protected override Exec Read(MapCursor map) => new(Programs.Command(map, Command)) { User = map.Get(User) };

    sealed class Brief : Shape<ProbeSpec>
    {
        public override string Type => Texts.Command.Type;

        public override bool TryRead(Yaml.Node node, ReadContext context, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out ProbeSpec value)
        {
            value = null;
            if (!Texts.Command.TryRead(node, context, out var words)) return false;
            value = new Exec(Programs.Checked(words, context, node.Place));
            return true;
        }

        public override System.Text.Json.Nodes.JsonObject Schema(SchemaDefinitions definitions) => Texts.Command.Schema(definitions);
    }
}

sealed class FileFormat() : Block<ProbeSpec.File>("file", "a file probe")
{
    public static readonly Key<string> Path = new("path", Texts.Path,
        "File on the director.") { Required = true, Example = "path: /run/shop/up" };
    public static readonly Key<bool> Expect = new("expect", new ChoiceShape<bool>(("present", true), ("absent", false)),
        "Whether it must be there, or must not.") { DefaultValue = true };

    public static Shape<ProbeSpec> WithBrief { get; } = new EitherShape<ProbeSpec>(
        new MappedShape<string, ProbeSpec>(Texts.Path, static p => new ProbeSpec.File(p)), new MappedShape<ProbeSpec.File, ProbeSpec>(new FileFormat(), static f => f));

    public override IReadOnlyList<Key> Keys { get; } = [Path, Expect];

    protected override ProbeSpec.File? Read(MapCursor map) => map.Get(Path) is not { } path ? null : new(path) { MustExist = map.Get(Expect) };
}

sealed class MySqlFormat() : Block<MySql>("mysql", "a mysql probe")
{
    public static readonly Key<string> User = new("user", Texts.Line,
        "Log in as this user.") { DefaultNote = "nobody: the server's greeting is enough" };
    public static readonly Key<string> PasswordFile = new("password-file", Texts.Path,
        "File that holds the user's password.") { DefaultNote = "no password" };
    public static readonly Key<DatabaseRole> Role = new("role", Databases.Role,
        "Which role the server must have; a read-only server is a replica.") { DefaultValue = DatabaseRole.Any };

    public override IReadOnlyList<Key> Keys { get; } = [User, PasswordFile, Role];

    protected override MySql Read(MapCursor map)
    {
        var probe = new MySql { User = map.Get(User), PasswordFile = map.Get(PasswordFile), Role = map.Get(Role) };
        if (probe.User is null && probe.Role != DatabaseRole.Any)
        {
            map.Complain(Code.MissingKey, map.KeyPlace(Role), "to ask for its role, the probe must log in: 'user' is missing");
        }
        if (probe.User is null && probe.PasswordFile is not null)
        {
            map.Complain(Code.MissingKey, map.KeyPlace(PasswordFile), "a password without a 'user'");
        }
        return probe;
    }
}

sealed class PostgresFormat() : Block<Postgres>("postgres", "a postgres probe")
{
    public static readonly Key<string> User = new("user", Texts.Line,
        "User to name at the start. A request for a password is a healthy answer.") { DefaultValue = new Postgres().User };
    public static readonly Key<string> Database = new("database", Texts.Line,
        "Database to name.") { DefaultValue = new Postgres().Database };

    public override IReadOnlyList<Key> Keys { get; } = [User, Database];

    protected override Postgres Read(MapCursor map) => new() { User = map.Get(User)!, Database = map.Get(Database)! };
}

sealed class RedisFormat() : Block<Redis>("redis", "a redis probe")
{
    public static readonly Key<string> User = new("user", Texts.Line, "User for AUTH.") { DefaultNote = "Redis's default user" };
    public static readonly Key<string> PasswordFile = new("password-file", Texts.Path,
        "File that holds the password for AUTH.") { DefaultNote = "no AUTH" };
    public static readonly Key<DatabaseRole> Role = new("role", Databases.Role,
        "Which role the server must have.") { DefaultValue = DatabaseRole.Any };

    public override IReadOnlyList<Key> Keys { get; } = [User, PasswordFile, Role];

    protected override Redis Read(MapCursor map) => new() { User = map.Get(User), PasswordFile = map.Get(PasswordFile), Role = map.Get(Role) };
}

static class Databases
{
    public static readonly ChoiceShape<DatabaseRole> Role = new(("any", DatabaseRole.Any), ("primary", DatabaseRole.Primary), ("replica", DatabaseRole.Replica));
}
