using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;
using static Lvsctl.Core.Preparation.PreparationStep;

namespace Lvsctl.Director.Preparation;

/// <summary>The record as it is on disk.</summary>
/// <param name="Version">Of this form. A reader that does not know it must not guess.</param>
/// <param name="Boot">Addresses and settings do not survive a reboot, and neither does what the record says of them.</param>
sealed record RecordDocument(int Version, string Boot, IReadOnlyList<RecordDocument.Change> Changes)
{
    const int CurrentVersion = 1;

    /// <summary><paramref name="Found"/> and <paramref name="Set"/> are of a sysctl, <paramref name="Kind"/> is of a created device.</summary>
    public sealed record Change(
        string Step,
        string? Device,
        string? Kind,
        string? Address,
        string? Sysctl,
        string? Found,
        string? Set,
        IReadOnlyList<Role> For);

    public sealed record Role(string Vip, string Forward);

    public static RecordDocument From(PreparationRecord record, string boot) => new(CurrentVersion, boot, [.. record.Changes.Select(From)]);

    /// <exception cref="FormatException">It is no record that this version understands.</exception>
    public PreparationRecord ToRecord()
    {
        if (Version != CurrentVersion) throw new FormatException($"its version is {Version}; this lvsctl knows {CurrentVersion}");
        return new([.. Changes.Select(c => new RecordedChange(StepOf(c), [.. c.For.Select(RoleOf)]))]);
    }

    static Change From(RecordedChange change)
    {
        var empty = new Change("", null, null, null, null, null, null,
            [.. change.Roles.Select(r => new Role(r.Vip.ToString(), RealServerRole.ForwardName(r.Forward)))]);
        return change.Step switch
        {
            CreateLink s => empty with { Step = "create-link", Device = s.Device, Kind = s.Kind },
            SetLinkUp s => empty with { Step = "set-up", Device = s.Device },
            AddAddress s => empty with { Step = "add-address", Device = s.Device, Address = s.Address.ToString() },
            SetSysctl s => empty with { Step = "sysctl", Sysctl = s.Name, Found = s.From, Set = s.To },
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "not a step of a preparation"),
        };
    }

    static PreparationStep StepOf(Change change) => change switch
    {
        { Step: "create-link", Device: { } device, Kind: { } kind } => new CreateLink(device, kind),
        { Step: "set-up", Device: { } device } => new SetLinkUp(device),
        { Step: "add-address", Device: { } device, Address: { } address } => new AddAddress(device, IPAddress.Parse(address)),
        { Step: "sysctl", Sysctl: { } name, Found: { } found, Set: { } set } => new SetSysctl(name, found, set),
        _ => throw new FormatException($"it holds a step that makes no sense: '{change.Step}'"),
    };

    static RealServerRole RoleOf(Role role) => new(IPAddress.Parse(role.Vip), role.Forward switch
    {
        "dr" => ForwardingMethod.DirectRouting,
        "tun" => ForwardingMethod.Tunnel,
        _ => throw new FormatException($"'{role.Forward}' is neither dr nor tun"),
    });
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RecordDocument))]
sealed partial class RecordJson : JsonSerializerContext;
