using Lvsctl.Core.Preparation;
using Lvsctl.Linux.Addresses;

namespace Lvsctl.Director.Preparation;

/// <summary>Carries preparations out and takes them back, with a record that survives this process.</summary>
public sealed class RealServerPreparation(RealServerHost host, PreparationStore store)
{
    public const string DefaultStateDirectory = "/run/lvsctl";

    public static PreparationStore StoreIn(string directory) =>
        new(directory, NetworkNamespace.Identify(), File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    public PreparationRecord Record => store.Read();

    /// <summary>What <see cref="Prepare"/> would do now. Changes nothing and needs no privilege.</summary>
    /// <exception cref="PreparationException"/>
    public PreparationPlan PlanPrepare(IReadOnlyList<RealServerRole> roles)
    {
        var record = store.Read();
        var plan = PreparationPlanner.Prepare(roles, host.Observe(PreparationPlanner.SysctlsOf(roles, record)), record);
        return plan.Refusals.Count == 0 ? plan : throw new PreparationException(PreparationProblem.Refused, string.Join('\n', plan.Refusals));
    }

    public PreparationPlan PlanUndo(IReadOnlyList<RealServerRole> roles)
    {
        var record = store.Read();
        return PreparationPlanner.Undo(roles, host.Observe(PreparationPlanner.SysctlsOf(roles, record)), record);
    }

    /// <param name="roles">What this host shall serve.</param>
    /// <param name="onStep">Called before each step; it may throw, and then the rest is not done, but the record can take back what was.</param>
    /// <returns>The plan that was carried out; no steps when all was as it should be.</returns>
    /// <exception cref="PreparationException"/>
    /// <exception cref="AddressException"/>
    /// <exception cref="Linux.Sysctls.SysctlException"/>
    public PreparationPlan Prepare(IReadOnlyList<RealServerRole> roles, Action<PreparationStep> onStep)
    {
        using var alone = store.Lock();
        var created = new List<PreparationStep>();
        while (true)
        {
            var plan = PlanPrepare(roles);
            // A device brings settings of its own, whose values are to be recorded before they are changed: so it comes first, alone.
            if (plan.Steps.OfType<PreparationStep.CreateLink>().FirstOrDefault() is { } create)
            {
                var before = store.Read();
                store.Write(new([.. before.Changes, .. plan.Record.Changes.Where(c => c.Step == create)]));
                onStep(create);
                created.Add(create);
                // The module brought it, so nobody can delete it and nobody has to.
                if (!host.CarryOut(create)) store.Write(store.Read().Without(create));
                continue;
            }

            store.Write(plan.Record);
            foreach (var step in plan.Steps)
            {
                onStep(step);
                host.CarryOut(step);
            }
            return plan with { Steps = [.. created, .. plan.Steps] };
        }
    }

    /// <returns>The plan that was carried out; nothing in it and its record unchanged when there was nothing to undo.</returns>
    public PreparationPlan Undo(IReadOnlyList<RealServerRole> roles, Action<PreparationStep> onStep)
    {
        using var alone = store.Lock();
        var plan = PlanUndo(roles);
        foreach (var step in plan.Steps)
        {
            onStep(step);
            host.CarryOut(step);
        }
        // Last: after a crash in the middle the same undo can be run again.
        store.Write(plan.Record);
        return plan;
    }
}
