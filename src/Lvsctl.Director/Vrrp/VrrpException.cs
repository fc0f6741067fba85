namespace Lvsctl.Director.Vrrp;

/// <summary>VRRP cannot run as the manifest wants it, or cannot be asked; the message is for people.</summary>
public sealed class VrrpException(string message) : Exception(message);
