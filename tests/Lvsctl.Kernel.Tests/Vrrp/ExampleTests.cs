using Lvsctl.Kernel.Tests.Demo;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>The examples of virtual routers, which mostly wait.</summary>
public sealed class ExampleTests
{
    [Theory]
    [InlineData("two-directors")]
    [InlineData("vrrp-web-pair")]
    public void Example_passes(string name) => Example.MustPass(name);
}
