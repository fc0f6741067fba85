using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lvsctl.Director.Notify;

/// <summary>Whose certificates a target may show.</summary>
static class Trust
{
    /// <param name="authorities">PEM; null: those of the system.</param>
    /// <exception cref="DeliveryException">The file cannot be read, or holds none.</exception>
    public static X509ChainPolicy Policy(string? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(authorities);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DeliveryException($"the authorities in {authorities} cannot be read: {e.Message}", inner: e);
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new DeliveryException($"there is no certificate in {authorities}");
    }
}
