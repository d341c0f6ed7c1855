using FastTcpProxy.LoadTest.NBomber;

return await new NBomberCommand().RunAsync(args);
