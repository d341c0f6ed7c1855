using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>The demo on a terminal: says what to try, obeys typed commands, and tells what happens meanwhile. Runs on the main thread.</summary>
internal sealed class DemoPrompt
{
    private readonly DemoStage _stage;
    private readonly TextReader _input;
    private readonly TextWriter _output;
    private bool _touring;

    public DemoPrompt(DemoStage stage, TextReader input, TextWriter output)
    {
        _stage = stage;
        _input = input;
        _output = output;
        stage.Arrived += Tell;
        stage.Ended += Tell;
    }

    /// <summary>Until the user quits or the input ends. False when a tour did not hold.</summary>
    public bool Run()
    {
        Explain();
        bool holds = true;
        while (_input.ReadLine() is { } line)
        {
            string[] words = line.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case ["quit" or "q" or "exit"]:
                    return holds;
                case ["tour" or "t"]:
                    Volatile.Write(ref _touring, true);
                    holds &= new DemoTour(_stage, _output).Run();
                    Volatile.Write(ref _touring, false);
                    break;
                case ["start" or "stop" or "silent", "a" or "b"]:
                    Obey(words[0], words[1] == "a" ? _stage.A : _stage.B);
                    break;
                default:
                    Explain();
                    break;
            }
        }
        return holds;
    }

    private void Obey(string command, DemoUpstream upstream)
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
        _output.WriteLine($"upstream a is {_stage.A.State.ToString().ToLowerInvariant()}, upstream b is {_stage.B.State.ToString().ToLowerInvariant()}");
    }

    private void Explain() => _output.WriteLine(
        $"""

        {DemoText.Bold("Try it in another terminal:")}
           nc {_stage.Listen.Address} {_stage.Listen.Port}            say something; the upstream answers with who you are
           curl http://{_stage.Listen}/         the same over HTTP

        {DemoText.Bold("and here:")}
           stop a      the primary refuses connects           silent a    it gives no answer at all ({_stage.ConnectTimeout.TotalSeconds:0} s timeout)
           start a     it is back                             (the same with b)
           tour        all of it at once, measured            quit
        """);

    private void Tell(DemoArrival arrival)
    {
        if (Volatile.Read(ref _touring)) return;
        string rows = string.Join("\n           ", HeaderText.Dump(arrival.Header));
        _output.WriteLine($"header   upstream {arrival.Upstream} got {arrival.Header.Length} bytes: the client is {arrival.Client}\n           {rows}");
    }

    private void Tell(SessionRecord session)
    {
        if (!Volatile.Read(ref _touring)) _output.WriteLine(DemoText.Describe(session));
    }
}
