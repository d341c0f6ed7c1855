using FastTcpProxy.LoadTest.CommandLine;

return await new LoadTestCommand().RunAsync(args);
