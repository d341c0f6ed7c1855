using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>Hears of checks, and has a defect in each thing that it does. Any thread.</summary>
internal sealed class ThrowingHealthObserver : IHealthObserver
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public void Checked(string service, string upstream, UpstreamHealth before, UpstreamHealth after) => Fail();

    public void AnyUp(string service, bool isAnyUp, string counts) => Fail();

    private void Fail()
    {
        Interlocked.Increment(ref _calls);
        throw new InvalidOperationException("an observer's defect");
    }
}
