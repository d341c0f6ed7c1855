using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Which defect of several loops is shown.</summary>
public sealed class NewestFaultTests
{
    [Fact]
    public void NewestFault_SeveralLoops_IsTheLastOfAll()
    {
        MetricsRegistry registry = MetricsRegistry.Small(loops: 3);
        MetricsReader reader = new(registry);
        Assert.Null(reader.NewestFault.Fault);

        registry.Loops[0].CountFault(new InvalidOperationException("first"));
        registry.Loops[2].CountFault(new InvalidOperationException("second"));
        Assert.Equal((2, "second"), (reader.NewestFault.Loop, reader.NewestFault.Fault!.Fault.Message));

        registry.Loops[0].CountFault(new InvalidOperationException("third"));
        Assert.Equal((0, "third"), (reader.NewestFault.Loop, reader.NewestFault.Fault!.Fault.Message));
    }
}
