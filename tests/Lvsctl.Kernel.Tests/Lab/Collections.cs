using Xunit.v3;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>
/// The lab has one processor, and most tests need the kernel for themselves: they unload its modules, or measure. Those of VRRP mostly wait for
/// timers, each in networks of its own, so their classes go first and at the same time.
/// </summary>
public sealed class Collections(IXunitTestAssembly assembly) : TestCollectionFactoryBase(assembly)
{
    readonly XunitTestCollection _alone = new(assembly, null, disableParallelization: true, "one at a time");

    public override string DisplayName => "those that wait at the same time, others one at a time";

    protected override IXunitTestCollection GetDefaultTestCollection(Type testClass) =>
        testClass.Namespace == "Lvsctl.Kernel.Tests.Vrrp" ? new XunitTestCollection(TestAssembly, null, disableParallelization: false, testClass.Name) : _alone;
}
