using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lvsctl.Director.Control;

namespace Lvsctl.Director.Vrrp;

/// <summary>Asks a running <c>lvsctl vrrp</c>.</summary>
public static class VrrpClient
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Where lvsctl vrrp listens, for a manifest's control socket.</summary>
    public static string Beside(string controlSocket) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(controlSocket))!, "vrrp.sock");

    /// <exception cref="ControlException">Nobody is there, or it refuses.</exception>
    public static VrrpStatusDocument Status(string path, TimeSpan? patience = null)
    {
        try
        {
            return JsonSerializer.Deserialize(Ask(path, VrrpQuestions.Status, patience), VrrpJson.Default.VrrpStatusDocument) ?? throw new ControlException($"lvsctl vrrp at {path} said nothing");
        }
        catch (JsonException e)
        {
            throw new ControlException($"lvsctl vrrp at {path} is of another version ({e.Message})", 1, e);
        }
    }

    /// <summary>Somebody listens there.</summary>
    public static bool IsAnswered(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <param name="patience">Ten seconds unless it is said.</param>
    /// <returns>What it says besides yes.</returns>
    /// <exception cref="ControlException">Nobody is there, or it refuses.</exception>
    public static string Ask(string path, string question, TimeSpan? patience = null)
    {
        var time = (int)(patience ?? s_patience).TotalMilliseconds;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = time, SendTimeout = time };
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Encoding.UTF8.GetBytes(question + "\n"));
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
            var verdict = reader.ReadLine();
            if (verdict == "ok") return reader.ReadToEnd();
            if (verdict?.Split(' ', 3) is ["no", var code, var why] && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var exit)) throw new ControlException(why, exit);
            throw new ControlException($"lvsctl vrrp at {path} hung up");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new ControlException($"no permission for {path}: be root, or in the group that the manifest's 'control' names", (int)ExitCode.KernelOrPermission, e);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new ControlException($"no lvsctl vrrp answers at {path}: start it with 'lvsctl vrrp', or name its socket with --socket", 1, e);
        }
        catch (IOException e)
        {
            throw new ControlException($"lvsctl vrrp at {path} does not answer: {e.Message}", 1, e);
        }
    }
}

/// <summary>What the VRRP process can be asked.</summary>
public static class VrrpQuestions
{
    public const string Status = "status";
    public const string Reload = "reload";
    public const string Stop = "stop";

    static readonly TimeSpan s_longestHold = TimeSpan.FromDays(365);

    /// <param name="hold">How long it stands back; null: until it is told otherwise.</param>
    /// <param name="router">Null: all.</param>
    public static string Failover(TimeSpan? hold, string? router) =>
        string.Create(CultureInfo.InvariantCulture, $"failover {(hold is { } time ? (long)time.TotalMilliseconds : -1)} {router}").TrimEnd();

    /// <summary>How long <see cref="Failover"/> asks a host to stand back: a year at most, which no clock overflows by; <see cref="TimeSpan.MaxValue"/>: until it is told otherwise.</summary>
    public static bool TryReadHold(string text, out TimeSpan hold)
    {
        hold = TimeSpan.MaxValue;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)) return false;
        if (milliseconds >= 0) hold = milliseconds < s_longestHold.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : s_longestHold;
        return true;
    }

    public static string Resume(string? router) => $"resume {router}".TrimEnd();
}
