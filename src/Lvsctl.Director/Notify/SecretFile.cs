namespace Lvsctl.Director.Notify;

/// <summary>Secrets are read when they are needed, and kept nowhere.</summary>
static class SecretFile
{
    /// <summary>Without the line's end that editors leave.</summary>
    /// <exception cref="DeliveryException">It cannot be read, or is empty.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = (await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false)).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeliveryException($"the secret in {path} cannot be read: {e.Message}", inner: e);
        }
        return text.Length > 0 ? text : throw new DeliveryException($"the secret in {path} is empty");
    }
}
