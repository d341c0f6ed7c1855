using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// The demo on a terminal: says what to try, obeys typed commands, and reports what happens meanwhile. It runs on the main thread. Events
/// are reported on the threads of the upstreams and of the records. It owns nothing.
/// </summary>
internal sealed class DemoPrompt
{
    /// <summary>More of what was typed is not repeated: the line must fit the terminal.</summary>
    private const int QuotedMax = 32;

    private readonly DemoStage _stage;
    private readonly TextWriter _output;
    private readonly DemoInput _input;

    /// <summary>The tour tells of its own clients.</summary>
    private volatile bool _touring;

    public DemoPrompt(DemoStage stage, TextReader input, TextWriter output)
    {
        _stage = stage;
        _output = output;
        _input = new DemoInput(input, output);
        stage.Arrived += Tell;
        stage.Ended += Tell;
        stage.HealthChanged += Tell;
    }

    /// <summary>Until the user quits or the input ends. False when a tour did not hold.</summary>
    public bool Run()
    {
        Write(Help());
        bool holds = true;
        while (_input.Read() is { } line)
        {
            string[] words = line.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case ["quit" or "q" or "exit"]:
                    return holds;
                case ["help" or "h" or "?"]:
                    Write(Help());
                    break;
                case ["tour" or "t"]:
                    holds &= Tour();
                    break;
                case ["unhealthy" or "healthy", "a" or "b"]:
                    ObeyHealth(words[0], words[1] == "a" ? _stage.HealthOfA : _stage.HealthOfB);
                    break;
                case ["start" or "stop" or "silent", "a" or "b"]:
                    Obey(words[0], words[1] == "a" ? _stage.A : _stage.B);
                    break;
                case ["start" or "stop" or "silent" or "unhealthy" or "healthy", ..]:
                    Write($"not understood: \"{Quote(line)}\"; upstreams are a and b");
                    break;
                default:
                    Write($"not understood: \"{Quote(line)}\"; type help");
                    break;
            }
        }
        Write("");
        return holds;
    }

    private static string Quote(string line) => OneLine.Escape(line.Trim(), QuotedMax);

    private bool Tour()
    {
        _touring = true;
        bool holds = new DemoTour(_stage, _output).Run();
        _touring = false;
        return holds;
    }

    private void Obey(string command, DemoServer upstream)
    {
        switch (command)
        {
            case "start":
                upstream.Start();
                break;
            case "stop":
                upstream.Stop();
                break;
            default:
                upstream.FallSilent();
                break;
        }
        Write($"upstream a is {Word(_stage.A)}, upstream b is {Word(_stage.B)}");
        if (_stage.A.State != DemoServerState.Started && _stage.B.State != DemoServerState.Started)
            Write("no upstream is left to accept: the next client is reset (curl: Recv failure)");
    }

    private void ObeyHealth(string command, DemoServer service)
    {
        if (command == "healthy") service.Start();
        else service.Stop();
        Write($"the {service.Name} is {Word(service)}; the proxy asks it every second");
    }

    private static string Word(DemoServer upstream) => upstream.State.ToString().ToLowerInvariant();

    private string Help() =>
        $"""

        {DemoText.Bold("Try it in another terminal:")}
          nc {_stage.Listen.Address} {_stage.Listen.Port}
              say something; the upstream answers with who you are
          curl http://{_stage.Listen}/
              the same over HTTP
        {DemoText.Command("  ", $"status --socket {_stage.AdminSocket}")}
              the state of the upstreams

        {DemoText.Bold("and type here:")}
          stop a        the primary refuses connects: clients get b at once
          silent a      it gives no answer: clients get b after {_stage.ConnectTimeout.TotalSeconds:0} s, the timeout
          start a       it is back: the next client gets it
          unhealthy a   its health service stops: within a second it is skipped
          healthy a     the service is back, and so is a, in its place
          stop b        every command works for b too
          tour          all of this at once, measured
          help          this text
          quit          exits
        With both stopped the client is reset (curl: Recv failure).

        """;

    private void Tell(DemoArrival arrival)
    {
        string rows = string.Concat(HeaderText.Dump(arrival.Header).Select(row => $"         {row}\n"));
        Happened($"header   upstream {arrival.Upstream} got {Counted.Of(arrival.Header.Length, "byte")} before the client's "
            + $"own:\n{rows}         {arrival.Summary}");
    }

    private void Tell(string upstream, HealthState state, string why) =>
        Happened($"health   upstream {upstream} is {(state == HealthState.Up ? "up" : "down")}: {why}");

    private void Tell(SessionRecord session) => Happened(DemoText.Describe(session));

    private void Happened(string text)
    {
        if (!_touring) _input.Print(text);
    }

    private void Write(string text) => _input.Print(text);
}
