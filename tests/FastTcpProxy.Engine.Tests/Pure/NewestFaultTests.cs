using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Which defect of several loops is shown.</summary>
public sealed class NewestFaultTests
{
    [Fact]
    public void NewestFault_SeveralLoops_IsTheLastOfAll()
    {
        EngineCounters[] loops = [new(), new(), new()];
        Assert.Null(EngineCounters.NewestFault(loops).Fault);

        loops[0].CountFault(new InvalidOperationException("first"));
        loops[2].CountFault(new InvalidOperationException("second"));
        Assert.Equal((2, "second"), (EngineCounters.NewestFault(loops).Loop, EngineCounters.NewestFault(loops).Fault!.Fault.Message));

        loops[0].CountFault(new InvalidOperationException("third"));
        Assert.Equal((0, "third"), (EngineCounters.NewestFault(loops).Loop, EngineCounters.NewestFault(loops).Fault!.Fault.Message));
    }
}
