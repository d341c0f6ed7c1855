using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Logging.Steps;

/// <summary>The step of a session in words. Pure, any thread.</summary>
internal static class StepText
{
    /// <summary>What comes before the name of the upstream, where there is one, and what comes behind it.</summary>
    public static (string What, string Detail) Of(in SessionStep step) => step.Kind switch
    {
        SessionStepKind.Accepted => ($"accepted from {EndPoint(step.Peer)}", ""),
        SessionStepKind.Refused => ($"refused by admission: {step.Reason}", ""),
        SessionStepKind.HeaderRead => ($"header of balancer {EndPoint(step.Peer)} read", ""),
        SessionStepKind.Attempting => ("connect to",
            $" at {step.Address!.Text}{(step.Peer.Family == EndPointFamily.Unspecified ? "" : $" from {step.Peer}")}"),
        SessionStepKind.Attempted => ("connect to",
            $"{(step.Address is { } address ? $" at {address.Text}" : "")}: {Word(step.Outcome)} after {Time(step.TookUs)}"),
        SessionStepKind.HeaderSent => ($"header written, {Word(step.Mode)}, {Counted.Of(step.Bytes, "byte")}", ""),
        SessionStepKind.FirstBytes => ($"first bytes from the {Side(step.From)}, {step.Bytes}", ""),
        SessionStepKind.Spliced => ($"spliced from the {Side(step.From)}, after {Counted.Of(step.Bytes, "byte")}", ""),
        SessionStepKind.HalfClosed => ($"end of stream of the {Side(step.From)} passed on, after {Counted.Of(step.Bytes, "byte")}", ""),
        SessionStepKind.Closed => ($"closed: {step.Reason}; {Counted.Of(step.Bytes, "byte")} from the client, "
            + $"{step.BytesFromUpstream} from the upstream", ""),
        _ => ($"step {(int)step.Kind}", ""),
    };

    /// <summary>An address and port, or that there is none.</summary>
    public static string EndPoint(InetEndPoint end) => end.Family == EndPointFamily.Unspecified ? "a UNIX socket" : end.ToString();

    private static string Time(long us) => TimeText.Milliseconds(us / 1000.0);

    private static string Side(EndParty party) => party == EndParty.Client ? "client" : "upstream";

    private static string Word(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV1 => "proxy-v1",
        HeaderMode.ProxyV2 => "proxy-v2",
        _ => "raw",
    };

    private static string Word(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Connected => "connected",
        AttemptOutcome.Refused => "refused",
        AttemptOutcome.TimedOut => "timed out",
        AttemptOutcome.Unreachable => "unreachable",
        AttemptOutcome.Unresolved => "its name has no address",
        AttemptOutcome.NoLocalPort => "no local port was left",
        AttemptOutcome.NoDescriptor => "no descriptor was left",
        AttemptOutcome.NoMemory => "no memory was left",
        AttemptOutcome.Abandoned => "given up, as the client has gone or the process ends",
        AttemptOutcome.Superseded => "given up, as another attempt was taken",
        _ => "failed",
    };
}
