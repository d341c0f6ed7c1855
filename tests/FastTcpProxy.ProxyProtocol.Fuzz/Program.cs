using System.Diagnostics;
using System.Globalization;

namespace FastTcpProxy.ProxyProtocol.Fuzz;

/// <summary>The fuzz target's command line. See README.md beside it. One thread.</summary>
internal static class Program
{
    private const int InputsBetweenClockReads = 1000;

    private const string Usage = """
        usage: FastTcpProxy.ProxyProtocol.Fuzz --seconds N [--seed S]   mutate valid headers for N seconds, without a fuzzer
               FastTcpProxy.ProxyProtocol.Fuzz --file PATH...           run the given inputs
               FastTcpProxy.ProxyProtocol.Fuzz --corpus DIRECTORY       write the starting corpus
               FastTcpProxy.ProxyProtocol.Fuzz --libfuzzer | --afl      be driven by a fuzzer
        """;

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["--libfuzzer", ..]:
                SharpFuzz.Fuzzer.LibFuzzer.Run(DecoderInvariants.Check);
                return 0;
            case ["--afl", ..]:
                SharpFuzz.Fuzzer.OutOfProcess.Run(CheckStream);
                return 0;
            case ["--file", .. string[] paths]:
                foreach (string path in paths) DecoderInvariants.Check(File.ReadAllBytes(path));
                return 0;
            case ["--corpus", string directory]:
                WriteCorpus(directory);
                return 0;
            case ["--seconds", string seconds] when IsNumber(seconds, out int limit):
                return Run(limit, Environment.TickCount);
            case ["--seconds", string seconds, "--seed", string seed]
                when IsNumber(seconds, out int limit) && IsNumber(seed, out int start):
                return Run(limit, start);
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out number);

    private static void CheckStream(Stream stream)
    {
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        DecoderInvariants.Check(copy.GetBuffer().AsSpan(0, (int)copy.Length));
    }

    private static void WriteCorpus(string directory)
    {
        Directory.CreateDirectory(directory);
        int number = 0;
        foreach (byte[] header in Corpus.Create()) File.WriteAllBytes(Path.Combine(directory, $"header-{number++:D2}"), header);
    }

    private static int Run(int seconds, int seed)
    {
        Mutator mutator = new(seed);
        long[] outcomes = new long[3];
        byte[] input = [];
        try
        {
            for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds;)
            {
                for (int i = 0; i < InputsBetweenClockReads; i++)
                {
                    input = mutator.Next();
                    DecoderInvariants.Check(input);
                    outcomes[(int)ProxyHeaderDecoder.Decode(input, out _, out _)]++;
                }
            }
        }
        catch (Exception fault)
        {
            Console.Error.WriteLine($"seed {seed}, input {Convert.ToHexString(input)}: {fault}");
            return 1;
        }

        Console.WriteLine(
            $"seed {seed}: {outcomes.Sum()} inputs, {outcomes[(int)ProxyDecodeStatus.Complete]} whole, "
            + $"{outcomes[(int)ProxyDecodeStatus.NeedMore]} unfinished, {outcomes[(int)ProxyDecodeStatus.Invalid]} invalid, no fault");
        return 0;
    }
}
