using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Control;

/// <summary>What handlers answer with, and how they know who asks.</summary>
public static class ControlReply
{
    const string Json = "application/json";
    const string Caller = "lvsctl.caller";

    public static async Task WriteAsync<T>(HttpContext context, T document, JsonTypeInfo<T> form, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Json;
        // All of it, and then it goes: ten thousand servers are megabytes, and on a busy host whoever waits for each few KiB to be read waits long.
        var body = context.Response.BodyWriter;
        using (var writer = new Utf8JsonWriter(body, new() { SkipValidation = true })) JsonSerializer.Serialize(writer, document, form);
        await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    public static Task RefuseAsync(HttpContext context, int status, string error, int? exitCode = null) =>
        WriteAsync(context, new ErrorDocument(error, exitCode), ControlJson.Default.ErrorDocument, status);

    /// <exception cref="ControlException">The body is not what it should be.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> form)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, form, context.RequestAborted).ConfigureAwait(false) ?? throw new ControlException("the request has no body", exitCode: 2);
        }
        catch (JsonException e)
        {
            throw new ControlException($"the request cannot be understood: {e.Message}", exitCode: 2, e);
        }
    }

    /// <summary>Who asks; only over the control socket.</summary>
    public static ControlCaller CallerOf(HttpContext context) => (ControlCaller)context.Items[Caller]!;

    internal static void SetCaller(HttpContext context, ControlCaller caller) => context.Items[Caller] = caller;
}
