using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Control;

public enum ControlAccess
{
    /// <summary>Looks, and changes nothing.</summary>
    Read,
    Change,
}

/// <summary>One thing that can be asked of the director by HTTP.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">As in <c>/v1/status</c>; compared whole.</param>
public sealed record ControlRoute(string Method, string Path, ControlAccess Access, RequestDelegate Handle);
