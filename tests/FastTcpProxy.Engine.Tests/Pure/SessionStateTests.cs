using FastTcpProxy.Engine.Sessions;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Which state of a session may follow which.</summary>
public sealed class SessionStateTests
{
    private static readonly string[] Legal =
    [
        "Idle > Accepted",
        "Accepted > Idle", "Accepted > ReadingHeader", "Accepted > Connecting",
        "ReadingHeader > Idle", "ReadingHeader > Connecting",
        "Connecting > Idle", "Connecting > Relaying",
        "Relaying > Idle", "Relaying > Connecting", "Relaying > Flushing",
        "Flushing > Idle",
    ];

    [Fact]
    public void CanBecome_EachPair_IsLegalOrNot()
    {
        SessionState[] all = Enum.GetValues<SessionState>();
        Assert.Equal(Legal, from state in all from next in all where state.CanBecome(next) select $"{state} > {next}");
    }
}
