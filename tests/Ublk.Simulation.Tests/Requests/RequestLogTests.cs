using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Simulation.Tests;

public class RequestLogTests
{
    [Fact]
    public void What_readers_got_and_what_they_were_told_is_lost_is_what_came()
    {
        var plan = new RequestLogPlan();
        SeedRunner.Run("request log", 600, simulation => RequestLogScenario.Run(simulation, plan), plan.All);
    }

    [Theory]
    [InlineData("DropSilently")]
    [InlineData("FirstRangeOnly")]
    [InlineData("KeepRingOrder")]
    [InlineData("CountByWorker")]
    [InlineData("TellLostLate")]
    [InlineData("LatencyAtDrain")]
    public void A_planted_bug_is_found(string bug) => SeedRunner.Find(
        $"request log {bug}", 200, simulation => RequestLogScenario.Run(simulation, new RequestLogPlan { Faults = Enum.Parse<RequestLogFaults>(bug) }));

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        void Run(Simulation simulation) => RequestLogScenario.Run(simulation, new RequestLogPlan());
        Assert.Equal(SeedRunner.HashOf(7, Run), SeedRunner.HashOf(7, Run));
    }
}
