namespace Lvsctl.Kernel.Tests.Preparation;

/// <summary>Tests that must not run side by side: whether a new namespace has tunl0 is one setting for the whole machine.</summary>
[CollectionDefinition(Name)]
public class TunnelDevices
{
    public const string Name = "tunnel devices";
}
