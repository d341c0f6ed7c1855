using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What is decided of a client by entries and limits, and in which order they count.</summary>
public sealed class AdmissionTests
{
    private static readonly AdmissionFacts Served = new(true, true, false, false, false);

    [Theory]
    [InlineData(NetworkVerdict.Denied, true, SourceVerdict.Admitted, AdmissionVerdict.Denied)]
    [InlineData(NetworkVerdict.Denied, false, SourceVerdict.Banned, AdmissionVerdict.Denied)]
    [InlineData(NetworkVerdict.None, false, SourceVerdict.Admitted, AdmissionVerdict.NotAllowed)]
    [InlineData(NetworkVerdict.None, true, SourceVerdict.Sessions, AdmissionVerdict.SourceSessions)]
    [InlineData(NetworkVerdict.None, true, SourceVerdict.Rate, AdmissionVerdict.SourceRate)]
    [InlineData(NetworkVerdict.None, true, SourceVerdict.Banned, AdmissionVerdict.Banned)]
    [InlineData(NetworkVerdict.None, true, SourceVerdict.Admitted, AdmissionVerdict.Serve)]
    [InlineData(NetworkVerdict.Allowed, true, SourceVerdict.Banned, AdmissionVerdict.Serve)]
    [InlineData(NetworkVerdict.Allowed, false, SourceVerdict.Rate, AdmissionVerdict.Serve)]
    public void Decide_EntriesAndSource(NetworkVerdict listed, bool servesUnlisted, SourceVerdict source, AdmissionVerdict verdict)
    {
        AdmissionFacts facts = Served with { Listed = listed, ServesUnlisted = servesUnlisted, Source = source };
        Assert.Equal(verdict, Admission.Decide(facts));
        // Without room in the process no client is served.
        Assert.Equal(AdmissionVerdict.ProcessFull, Admission.Decide(facts with { ProcessHasRoom = false }));
        // Of a balancer only the client that it names is judged.
        AdmissionFacts balancer = facts with { AcceptsProxy = true, IsBalancer = true };
        Assert.Equal(AdmissionVerdict.ReadHeader, Admission.Decide(balancer));
        Assert.Equal(verdict, Admission.Decide(balancer with { HeaderIsRead = true }));
    }

    [Theory]
    [InlineData(SourceVerdict.Admitted, false, true, AdmissionVerdict.TotalRate)]
    [InlineData(SourceVerdict.Admitted, true, false, AdmissionVerdict.PendingConnects)]
    [InlineData(SourceVerdict.Rate, false, false, AdmissionVerdict.SourceRate)]
    public void Decide_LimitsOfAll(SourceVerdict source, bool totalHasRoom, bool connectsHaveRoom, AdmissionVerdict verdict)
    {
        AdmissionFacts facts = Served with { Source = source, TotalHasRoom = totalHasRoom, ConnectsHaveRoom = connectsHaveRoom };
        Assert.Equal(verdict, Admission.Decide(facts));
        Assert.Equal(AdmissionVerdict.Serve, Admission.Decide(facts with { Listed = NetworkVerdict.Allowed }));
    }

    [Fact]
    public void Refused_EachVerdict_HasAReasonOfItsOwn()
    {
        AdmissionVerdict[] refusals = [.. Enum.GetValues<AdmissionVerdict>()
            .Where(v => v is not (AdmissionVerdict.Serve or AdmissionVerdict.ReadHeader or AdmissionVerdict.ServiceFull))];
        Assert.Equal(refusals.Length, refusals.Select(v => EndReasons.NumberOf(EndReason.Refused(v))).Distinct().Count());
        Assert.All(refusals, v => Assert.NotEqual(EndReasons.Unlisted, EndReasons.NumberOf(EndReason.Refused(v))));
    }
}
