using System.Collections.Immutable;
using System.Net.Security;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Resolution;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Connects, and where configured has a dialogue: a check for servers without HTTP. On the thread pool, one probe at a time; it owns its
/// connection.
/// </summary>
internal sealed class TcpProbe : Probe
{
    private readonly ImmutableArray<DialogueStep> _steps;
    private readonly string _good;
    private readonly TlsClient? _tls;
    private readonly ProbeConnector _connector;

    public TcpProbe(HealthCheckConfiguration config, ConfiguredUpstreamAddress address, IAddressBook book, TimeProvider time)
        : base(config, ReceivedMax(config), time)
    {
        _steps = CheckScripts.Of(config);
        bool isDialogue = config.Type != CheckType.Tcp || !config.Steps.IsEmpty;
        _good = isDialogue ? "the dialogue went as expected"
            : config.Expect.Body is { } pattern ? $"the answer contains {Wording.Quote(pattern.Text)}" : "connected";
        if (config.UsesTls) _tls = new TlsClient(config.Tls, config.Tls.ServerName ?? HostOf(address));
        _connector = new ProbeConnector(address, config, book);
    }

    /// <summary>The bytes that have come so far.</summary>
    internal int Received => Connection.Received;

    protected override async ValueTask<ProbeOutcome> AskAsync()
    {
        if (await _connector.OpenAsync(Connection) is { } failure) return failure;
        if (_tls is null) return await TalkAsync(null);
        ProbeStream plain = new(Connection);
        SslStream? encrypted = null;
        try
        {
            (encrypted, ProbeOutcome? refused) = await _tls.HandshakeAsync(Connection, plain);
            return refused ?? await TalkAsync(encrypted);
        }
        finally
        {
            Connection.Close();
            plain.Detach();
            if (encrypted is not null) await encrypted.DisposeAsync();
        }
    }

    private async ValueTask<ProbeOutcome> TalkAsync(SslStream? encrypted)
    {
        Connection.Phase = encrypted is null ? ProbePhase.Answer : ProbePhase.Dialogue;
        using Dialogue dialogue = new(Connection, encrypted);
        foreach (DialogueStep step in _steps)
        {
            if (await dialogue.RunAsync(step) is { } failure) return failure;
        }
        return new(null, _good);
    }

    private static int ReceivedMax(HealthCheckConfiguration config) =>
        ProbeLimits.ContentBytesMax + (config.UsesTls ? ProbeLimits.TlsBytesMax : 0);

    private static string HostOf(ConfiguredUpstreamAddress address) =>
        address.DnsName ?? address.EndPoint?.Address.ToString() ?? "localhost";
}
