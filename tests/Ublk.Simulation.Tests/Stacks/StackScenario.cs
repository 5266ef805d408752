using Ublk.Engine;
using Ublk.Targets.Basic;

namespace Ublk.Simulation.Tests;

/// <summary>A random stack under load, then either a crash or the end; everything must be where it belongs.</summary>
static class StackScenario
{
    public static void Run(Simulation simulation, int mostLayers, bool crashes, JoinedBugs bugs = JoinedBugs.None, Action<Simulation>? disturb = null) =>
        simulation.Run(async () =>
        {
            Prng prng = simulation.Prng;
            var stack = new RandomStack(simulation, prng.Between(1, mostLayers));
            disturb?.Invoke(simulation);
            SimHost host = Boot(simulation, bugs);
            MappedDevice top = await stack.BuildAsync(host);
            var oracle = new Oracle(stack.EmptyContent);
            var load = new Workload(simulation, oracle, new WorkloadMix(), prng.Between(20, 150)) { Tolerates = Refusals };
            host.Attach(top, load, prng.Between(1, 3), prng.Between(1, 8));
            if (!crashes)
            {
                await load.FinishedAsync();
                (Errno error, byte[] content) = await SimHost.ReadAllAsync(top);
                if (error == Errno.None && oracle.CheckRead(0, content) is { } wrong)
                    simulation.Fail(wrong);
                await host.ShutDownAsync(load);
                return;
            }
            await simulation.PowerOffSometimeAsync(load, 4000);
            await host.ShutDownAsync(load);
            simulation.PowerOn();

            host = Boot(simulation, JoinedBugs.None);
            top = await stack.BuildAsync(host);
            (Errno failed, byte[] after) = await SimHost.ReadAllAsync(top);
            if (failed == Errno.None && oracle.CheckCrashed(after) is { } illegal)
                simulation.Fail(illegal);
            await host.ShutDownAsync();
        });

    /// <summary>A part of a stack may lack discard; the answer is then a refusal, never a loss.</summary>
    static bool Refusals(BlockOp op, Errno error) => op == BlockOp.Discard && error == Errno.NotSupported;

    static SimHost Boot(Simulation simulation, JoinedBugs bugs) => simulation.Boot(
        simulation.Prng.Between(1, 3),
        new LinearTargetType(), new StripedTargetType(), new LimitedTargetType(), new JoinedTargetType(simulation, bugs: bugs));
}
